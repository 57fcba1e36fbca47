"""Evaluates a trained classifier: `audio-diffstride evaluate`, in a checkout.

    python evaluate.py --workdir=runs/quickstart

The named data sets of `data/` are at hand.
"""

import sys

from audio_diffstride.__main__ import main
from data import sources

if __name__ == "__main__":
    argv = ["evaluate", *sys.argv[1:]]
    sys.exit(main(argv, open_named=sources.open_named))
