"""Learned strides as cut-off frequencies, in Hz and cycles per mel band.

    audio-diffstride cutoffs --workdir DIR [DIR ... --output DIR]
    audio-diffstride cutoffs --strides 1.97 1.95 --frames 160 --bands 64

Several runs give mean and standard deviation. The second form needs no run.
"""

from __future__ import annotations

import argparse
import math

from audio_diffstride import errors
from audio_diffstride.cutoffs import cutoffs
from audio_diffstride.files import outputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride cutoffs`."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--workdir", nargs="+", help="runs; several give mean and deviation"
    )
    source.add_argument(
        "--strides",
        nargs=2,
        type=float,
        metavar=("TIME", "FREQUENCY"),
        help="strides of a first layer, converted without a model",
    )
    parser.add_argument(
        "--frames", type=int, help="frames that set the bins; default 1 window"
    )
    parser.add_argument("--bands", type=int, help="mel bands; default 64")
    parser.add_argument(
        "--model",
        choices=("best", "last"),
        default="best",
        help="the model of each run to report; default best",
    )
    parser.add_argument(
        "--output",
        help="folder for the files; default the --workdir if it is one",
    )
    parser.add_argument(outputs.FLAG, action="store_true", help=outputs.HELP)


def run(args: argparse.Namespace) -> None:
    """Prints the cut-offs, and writes them for a run."""
    for flag in ("frames", "bands"):
        if getattr(args, flag) is not None and getattr(args, flag) < 1:
            raise errors.UserError(
                f"--{flag} must be a whole number from 1, not "
                f"{getattr(args, flag)}"
            )
    if args.strides:
        _convert_strides(args)
    else:
        from audio_diffstride.cutoffs import (
            cutoff_files,  # seconds of TensorFlow
        )

        cutoff_files.report_runs(args)


def _convert_strides(args):
    if args.output:
        raise errors.UserError("--output is for --workdir, not for --strides")
    for stride in args.strides:
        if not 1 <= stride < math.inf:
            raise errors.UserError(
                f"--strides must be numbers from 1, not {stride:g}"
            )
    print(cutoffs.convert(args.strides, args.frames or 100, args.bands or 64))
