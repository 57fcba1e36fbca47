r"""Environmental sounds, ESC-50: 50 classes, 2,000 clips of 5 s, five folds.

    git clone https://github.com/karolpiczak/ESC-50
    audio-diffstride sweep --config configs/esc50.py --output runs/esc50 \
        --set data.path=ESC-50/meta/esc50.csv --arms diffstride --folds group

This is the official protocol. Each fold is tested on once, by a network that is
trained on the four others. None is held out for validation, so the model of the
last step is tested. The table at the end has the accuracy over all folds. The
first fold alone:

    python train.py --config=configs/esc50.py --workdir=runs/esc50_1 \
        --config.data.path=ESC-50/meta/esc50.csv --config.data.test_group=1

A window is a whole clip. `window_s=1` takes windows of 1 s, drawn at random in
training and averaged over the clip in tests.

Published accuracies in %, trained from scratch:

    64.5  CNN of Piczak (README of ESC-50)
    72.4  the same with batch norm (README of ESC-50)
    76.9  the same with batch norm and between-class learning (README of ESC-50)
    74.4  EnvNet-v2 (README of mil-tokyo/bc_learning_sound)
    78.8  EnvNet-v2 with augmentation (the same README)
    81.8  EnvNet-v2 with between-class learning (the same README)
    84.9  EnvNet-v2 with both (the same README)
    81.75 AclNet of 155,000 weights, with mixup (arXiv 1811.06669)
    85.65 AclNet, with mixup (arXiv 1811.06669)
    83.3  CNN14 of PANNs, 81 million weights (PANNs, Table XIII)
    83.65 ACDNet, compressed to 130,000 weights (arXiv 2103.03483)
    87.1  ACDNet, 4.7 million weights (arXiv 2103.03483)
    81.3  people (README of ESC-50)

Measured with this config: not run.
"""

from ml_collections import ConfigDict

from configs import audio_files


def get_config(variant: str = "") -> ConfigDict:
    """The recipe of own recordings on whole clips; `:small` for a laptop."""
    config = audio_files.get_config(variant)
    config.data.validation = "none"
    config.window_s = 5.0
    return config
