"""The embedded tones in under two minutes on two CPU cores.

    python train.py --config=configs/quickstart.py --workdir=runs/quickstart

Two tasks, instrument and pitch, on a network of an eighth of the channels.
"""

from ml_collections import ConfigDict

from configs import default


def get_config(variant: str = "") -> ConfigDict:
    """The quickstart; it is small with and without `:small`."""
    default.apply_variant(default.get_config(), variant)  # checks the name
    config = default.get_config("small")
    config.data.source = "tones"
    config.model.width = 0.125
    config.training.num_steps = 400
    config.training.steps_per_epoch = 100
    config.training.batch_size = 32
    config.training.learning_rate = 2e-3
    config.training.stride_step_ratio = 10.0
    return config
