"""Bird detection, DCASE 2018 task 3: Table 1's "Birdsong detection".

    python -m data.prepare --dataset dcase2018_birds
    python train.py --config=configs/birdsong.py --workdir=DIR

The paper: 78.8 (strided), 79.7 (spectral), 81.3 % (DiffStride), on a random
tenth of the files. No rule is published, so our tenth differs. Measured with
this config: not run.
"""

from ml_collections import ConfigDict

from configs import default


def get_config(variant: str = "") -> ConfigDict:
    """The paper's recipe on bird detection; `:small` for a laptop."""
    config = default.get_config(variant)
    config.data.source = "dcase2018_birds"
    config.data.split = "paper"
    return config
