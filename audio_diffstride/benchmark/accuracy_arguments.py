"""The flags of the part "time_to_accuracy"; nothing heavy is imported."""

from __future__ import annotations

import argparse

ARMS = ("strided_conv", "spectral", "inside", "folding")  # the default
BEFORE = "before"  # the name of the recipe as it is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of the part."""
    group = parser.add_argument_group("the part time_to_accuracy")
    group.add_argument(
        "--data", metavar="DIR_OR_CSV", help="own recordings, as for train"
    )
    group.add_argument(
        "--config",
        metavar="FILE",
        help="the recipe, as for train; default recordings:small",
    )
    group.add_argument(
        "--set",
        nargs="+",
        default=[],
        metavar="FIELD=VALUE",
        help="config fields for every training",
    )
    group.add_argument(
        "--setting",
        action="append",
        default=[],
        metavar="NAME:FIELD=VALUE,...",
        help=f"fields to compare with the recipe as it is, which is {BEFORE}; "
        "may be given several times",
    )
    group.add_argument(
        "--target",
        type=float,
        default=0.95,
        help="the score to reach, see training.monitor; default 0.95",
    )
    group.add_argument(
        "--stop",
        action="store_true",
        help="end each training at the target; otherwise all go to their end",
    )
    group.add_argument(
        "--every",
        type=int,
        default=25,
        metavar="STEPS",
        help="steps between two scores; default 25",
    )
    group.add_argument(
        "--split",
        choices=("validation", "test"),
        default="test",
        help="to score on; default test",
    )
    group.add_argument(
        "--seeds", type=int, default=1, help="trainings of each; default 1"
    )
