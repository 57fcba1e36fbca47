"""Reads recordings once and lists what is wrong with them.

    audio-diffstride check DIR_OR_CSV

Nothing is written. The exit status is 1 if a recording cannot be used.
"""

from __future__ import annotations

import argparse

from audio_diffstride.recordings import check, decoding, manifest, preparation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride check`."""
    parser.add_argument(
        "path",
        metavar="DIR_OR_CSV",
        help="a folder with a sub-folder per class, or a CSV",
    )
    add_data_arguments(parser)


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags that choose tasks and splits, as `prepare` has them."""
    parser.add_argument(
        "--tasks", nargs="+", default=(), help="columns of the CSV to predict"
    )
    parser.add_argument(
        "--test_group",
        default="",
        help="the group of the CSV that is the test set, as data.test_group",
    )


def run(args: argparse.Namespace) -> int:
    """Prints the report; 1 if a recording cannot be used."""
    recordings = preparation.read_and_split(
        args.path, tuple(args.tasks), args.test_group
    )
    return check.run(
        recordings,
        decoding.decode_all(recordings, check.SAMPLE_RATE_HZ),
        manifest.left_out(args.path, recordings),
    )
