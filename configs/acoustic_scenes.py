"""Acoustic scenes, TUT Urban 2018: Table 1's first row.

    python -m data.prepare --dataset tut_urban2018
    python train.py --config=configs/acoustic_scenes.py --workdir=DIR

The paper: 99.1 (strided), 98.6 (spectral), 98.6 % (DiffStride). Its split has
the same locations on both sides, which explains these scores. Choose that split
by `--split paper` and `--config.data.split=paper`. The default here is the
official fold, on which the challenge's baseline scored 59.7 %. Measured with
this config: not run.
"""

from ml_collections import ConfigDict

from configs import default


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on ten scenes; `:small` for a laptop."""
    config = default.get_config(variant)
    config.data.source = "tut_urban2018"
    return config
