r"""Environmental sounds, ESC-10: ten classes of ESC-50, 400 clips, five folds.

    git clone https://github.com/karolpiczak/ESC-50
    awk -F, 'NR == 1 || $5 == "True"' ESC-50/meta/esc50.csv \
        > ESC-50/meta/esc10.csv
    audio-diffstride sweep --config configs/esc10.py:small \
        --output runs/esc10 --arms diffstride --folds group \
        --set data.path=ESC-50/meta/esc10.csv

This is the official protocol; see configs/esc50.py. The first fold alone:

    python train.py --config=configs/esc10.py:small --workdir=runs/esc10_1 \
        --config.data.path=ESC-50/meta/esc10.csv --config.data.test_group=1

Published accuracies in %, trained from scratch:

    85.8  EnvNet-v2 (README of mil-tokyo/bc_learning_sound)
    91.4  EnvNet-v2 with between-class learning and augmentation (the same)
    96.25 ACDNet, compressed to 130,000 weights (arXiv 2103.03483)
    96.65 ACDNet, 4.7 million weights (arXiv 2103.03483)
    95.7  people (README of ESC-50)

Measured with this config: not run.
"""

from configs.esc50 import get_config

__all__ = ["get_config"]
