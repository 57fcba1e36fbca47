"""The recipes of the package: the paper's, for a laptop, for own recordings.

The other configs start from `default` and set what differs. The variant `small`
fits a laptop. It has a quarter of the channels, a short schedule, and a
transition band that costs less. The fields are declared in `schema`.

Paper: Riad et al., 2022, https://arxiv.org/abs/2202.01653, section 3.1.
"""

from __future__ import annotations

from ml_collections import ConfigDict

from audio_diffstride.config import schema
from audio_diffstride.config.config_fields import OF_SOUND


def default(variant: str = "") -> ConfigDict:
    """The paper's recipe, on sound; `variant` is "" or "small"."""
    config = ConfigDict(schema.Config().model_dump(exclude={"image"}))
    _follow_rate(config)
    return apply_variant(config, variant)


def max_hz(sample_rate_hz: float) -> float:
    """The upper edge of the bands in a recipe, until it is set.

    >>> max_hz(16_000), max_hz(44_100)
    (7800.0, 21498.75)
    """
    default = schema.FrontEnd()
    return sample_rate_hz * (default.max_hz / default.sample_rate_hz)


def _follow_rate(config: ConfigDict) -> None:
    """Makes `max_hz` follow the rate where the recipe or a flag sets that."""
    rate_hz = config.front_end.get_oneway_ref("sample_rate_hz").to_float()
    with config.ignore_type():  # a reference in place of its number
        config.front_end.max_hz = max_hz(rate_hz)


def for_images(config: ConfigDict) -> ConfigDict:
    """The config with the section of images in place of the fields of sound."""
    for name in OF_SOUND:
        del config[name]
    config.image = ConfigDict(schema.Image().model_dump())
    return config


def apply_variant(config: ConfigDict, variant: str) -> ConfigDict:
    """The config for a laptop if `variant` is "small"."""
    if variant not in ("", "small"):
        raise ValueError(f"the only variant is :small, not :{variant}")
    if variant == "small":
        config.model.width = 0.25
        # Statistics of 0.99 lag behind in such a short run.
        config.model.batch_norm_momentum = 0.9
        # 4 bins of 100 frames. The paper's 4 bins keep most of the small maps
        # of deep blocks. This is as accurate, and costs less than half at
        # windows of 1 s: docs/results/studies.md.
        config.model.smoothness_percent = 4.0
        config.training.num_steps = 1_500
        config.training.steps_per_epoch = 150
        config.training.batch_size = 64
        config.training.learning_rate = 1e-3
        config.training.schedule = "cosine"
        # A stride can travel 1500 * 1e-3 / 2 * 30 = 22 in this run. At the
        # rate of the weights it could not leave its start.
        config.training.stride_step_ratio = 30.0
    return config


def recordings(variant: str = "") -> ConfigDict:
    """The paper's recipe on own recordings; `variant` is "" or "small"."""
    config = default()
    config.data.source = "audio_files"
    # A fiftieth of the paper's steps: own data sets are smaller.
    config.training.num_steps = 20_000
    config.training.steps_per_epoch = 500
    config.training.schedule = "cosine"
    config.training.stride_step_ratio = 10.0
    return apply_variant(config, variant)
