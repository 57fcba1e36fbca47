"""The studies: what learned strides gain on real audio.

See docs/results/studies.md.

    python train.py --config=configs/study.py \
        --config.data.path=DIR_OR_CSV --workdir=DIR

A quarter of the channels, and few enough steps for a minute on two CPU cores.
So arms, seeds and settings can be compared in a day.
"""

from ml_collections import ConfigDict

from configs import audio_files, default


def get_config(variant: str = "") -> ConfigDict:
    """The studies' budget; it is small with and without `:small`."""
    default.apply_variant(default.get_config(), variant)  # checks the name
    config = audio_files.get_config("small")
    # The paper's band, for the arms that set none.
    config.model.smoothness_percent = 0.0
    config.training.num_steps = 600
    config.training.steps_per_epoch = 150
    config.training.batch_size = 32
    return config
