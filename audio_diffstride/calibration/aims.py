"""The flags that say what thresholds are for: --precision and the others."""

from __future__ import annotations

import argparse
from typing import Any

from audio_diffstride.calibration.thresholds import Aim
from audio_diffstride.errors import UserError


def add_flags(group: Any, what: str) -> None:
    """Adds the flags to a group of which only one may be given.

    Args:
        group: of a parser.
        what: the thresholds are those of, for the help.
    """
    group.add_argument(
        "--precision",
        type=float,
        metavar="P",
        help=f"{what} of this precision, with the highest recall",
    )
    group.add_argument(
        "--recall",
        type=float,
        metavar="R",
        help=f"{what} of this recall, with the highest precision",
    )
    group.add_argument(
        "--f1", action="store_true", help=f"{what} of the highest F1"
    )


def add_pooled_flag(parser: argparse.ArgumentParser) -> None:
    """Adds the flag that gives all classes one threshold."""
    parser.add_argument(
        "--pooled",
        action="store_true",
        help="one threshold for all classes of a task, which may hold better "
        "for speakers or sites that are new",
    )


def given(args: argparse.Namespace) -> Aim | None:
    """The aim of the flags; None without one.

    Raises:
        UserError: for a number that is no share.
    """
    if args.f1:
        return Aim("f1", None, args.pooled)
    for score in ("precision", "recall"):
        value = getattr(args, score)
        if value is None:
            continue
        if not 0 < value <= 1:
            raise UserError(
                f"--{score} is {value:g}, but must be more than 0 and at most 1"
            )
        return Aim(score, value, args.pooled)
    return None


def flag(aim: Aim) -> list[str]:
    """The words of a command that give the aim.

    >>> flag(Aim("precision", 0.9))
    ['--precision', '0.9']
    """
    value = [] if aim.value is None else [f"{aim.value:g}"]
    return [f"--{aim.score}", *value, *["--pooled"] * aim.pooled]
