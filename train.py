"""Trains a classifier: `audio-diffstride train`, in a checkout.

    python train.py --config=configs/quickstart.py --workdir=runs/quickstart

Every field of configs/default.py can be set: --config.model.width=0.5. The
named data sets of `data/` are at hand; embedded ones are prepared on the way.
"""

import sys

from audio_diffstride.__main__ import main
from data import sources

if __name__ == "__main__":
    argv = ["train", *sys.argv[1:]]
    sys.exit(main(argv, open_named=sources.open_named))
