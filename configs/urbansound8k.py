r"""Urban sounds, UrbanSound8K: 10 classes, 8,732 clips up to 4 s, ten folds.

    audio-diffstride sweep --config configs/urbansound8k.py \
        --output runs/urban --arms diffstride --folds group \
        --set data.path=UrbanSound8K/metadata/UrbanSound8K.csv

Its archive comes from https://urbansounddataset.weebly.com. This is the
official protocol: each of the ten folds is tested on once, by a network that is
trained on the nine others, and none is held out for validation. Slices of one
recording lie in one fold, so its folds are kept. The first fold alone:

    python train.py --config=configs/urbansound8k.py --workdir=runs/urban_1 \
        --config.data.path=UrbanSound8K/metadata/UrbanSound8K.csv \
        --config.data.test_group=1

A window is as long as the longest clip. Shorter clips are padded with zeros.

Published accuracies in %, trained from scratch:

    73    SB-CNN
    79    SB-CNN with augmentation
    69.1  EnvNet-v2 (README of mil-tokyo/bc_learning_sound)
    78.3  EnvNet-v2 with between-class learning and augmentation (the same)
    84.45 ACDNet, 4.7 million weights (arXiv 2103.03483)

Measured with this config: not run.
"""

from ml_collections import ConfigDict

from configs import audio_files


def get_config(variant: str = "") -> ConfigDict:
    """The recipe of own recordings on whole clips; `:small` for a laptop."""
    config = audio_files.get_config(variant)
    config.data.validation = "none"
    config.window_s = 4.0
    return config
