"""Pitches of NSynth: Table 1's "Music (pitch)".

    python -m data.prepare --dataset nsynth_notes --split paper
    python train.py --config=configs/nsynth_pitch.py --workdir=DIR

The paper: 91.8 (strided), 90.1 (spectral), 92.2 % (DiffStride) on the official
validation set. That is the test set of the split `paper` here. Measured with
this config: not run.
"""

from ml_collections import ConfigDict

from configs import nsynth_instrument


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on 128 MIDI pitches; `:small` for a laptop."""
    config = nsynth_instrument.get_config(variant)
    config.data.tasks = "pitch"
    return config
