"""Speech commands, 35 words: Table 1's last row.

    python -m data.prepare --dataset speech_commands35
    python train.py --config=configs/speech_commands.py --workdir=DIR

The paper: 87.3 (strided), 88.5 (spectral), 90.5 % (DiffStride), on a split of
its own: `--split paper` and `--config.data.split=paper`. The default here is
the official split, with unseen speakers. Measured with this config: not run.

With `:small` on three of the words, DiffStride has 98.6 %. Always guessing the
most frequent word has 36.5 %. The words are bed, cat and happy of v0.01, with
2,128 / 284 / 222 recordings by the official hash rule. The run took 13 minutes
on one busy core.
"""

from ml_collections import ConfigDict

from configs import default


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on Speech Commands; `:small` for a laptop."""
    config = default.get_config(variant)
    config.data.source = "speech_commands35"
    return config
