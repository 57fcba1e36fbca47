"""The model of the package, `demo`: one network, five tasks, four data sets.

    python -m studies.demo_model RECORDINGS --output runs/demo_model

makes the lists of recordings, trains this config on them, and packs the model;
see docs/howto/demo_model.md. The training alone, where the lists are:

    python train.py --config=configs/demo_model.py --workdir=DIR

A quarter of the channels, and the arm `folding-low-cost`: the best accuracy for
its cost in docs/results/folding.md. The random gain is for microphones of any
level. No change of speed, because it changes the pitch.
"""

from ml_collections import ConfigDict

from audio_diffstride.config.arms import ARMS
from configs import audio_files, default


def get_config(variant: str = "") -> ConfigDict:
    """The recipe of the demo model; it is small with and without `:small`."""
    default.apply_variant(default.get_config(), variant)  # checks the name
    config = audio_files.get_config("small")
    config.model.update(ARMS["folding-low-cost"].fields)
    config.data.path = "digits.csv,words.csv,notes.csv,sounds.csv"
    # A fifth each of digits, words and sounds; the notes have two tasks.
    config.data.proportions = (1.0, 1.0, 2.0, 1.0)
    config.augmentation.gain_db = 10.0
    config.augmentation.time_shift_s = 0.1
    config.training.num_steps = 2_400
    config.training.steps_per_epoch = 240
    return config
