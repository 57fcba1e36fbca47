"""Instrument families of NSynth: Table 1's "Music (instrument)".

    python -m data.prepare --dataset nsynth_notes --split paper
    python train.py --config=configs/nsynth_instrument.py --workdir=DIR

The paper: 72.6 (strided), 72.9 (spectral), 75.4 % (DiffStride) on the official
validation set. That is the test set of the split `paper` here. Measured with
this config: not run.
"""

from ml_collections import ConfigDict

from configs import default


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on NSynth's 11 families; `:small` for a laptop."""
    config = default.get_config(variant)
    config.data.source = "nsynth_notes"
    config.data.split = "paper"
    config.data.tasks = "instrument"
    return config
