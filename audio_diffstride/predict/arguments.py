"""The arguments of commands that put recordings through a model."""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride.calibration import aims
from audio_diffstride.errors import UserError
from audio_diffstride.published import models


def add_model(parser: argparse.ArgumentParser, exported: str) -> None:
    """Adds --workdir and --model.

    Args:
        parser: of the command.
        exported: which exported files --model takes, for the help.
    """
    parser.add_argument("--workdir", help="the run with the trained model")
    parser.add_argument(
        "--model",
        default="best",
        metavar="MODEL",
        help="best (the default) or last of --workdir; or, without --workdir, "
        f"an exported file, {exported}, or {' or '.join(models.NAMES)}, which "
        "comes with the package",
    )


def add_windows(parser: argparse.ArgumentParser) -> None:
    """Adds --window_s and --hop_s."""
    parser.add_argument(
        "--window_s",
        type=float,
        metavar="SECONDS",
        help="length of a window; default: as in training",
    )
    parser.add_argument(
        "--hop_s",
        type=float,
        metavar="SECONDS",
        help="from the start of one window to the next; default: --window_s",
    )


def add_choices(parser: argparse.ArgumentParser) -> None:
    """Adds the flags that say which classes of a window are kept."""
    parser.add_argument(
        "--task",
        action="append",
        metavar="TASK",
        help="a task to predict; repeat the flag for several; default: all",
    )
    parser.add_argument(
        "--top",
        default="1",
        metavar="N",
        help="at most N classes per window and task, or 'all'; default 1. "
        "Tasks with several labels have no limit",
    )
    limits = parser.add_mutually_exclusive_group()
    limits.add_argument(
        "--threshold",
        type=float,
        metavar="P",
        help="leave out classes with a lower probability; default 0, or 0.5 of "
        "tasks with several labels",
    )
    aims.add_flags(limits, "thresholds")
    aims.add_pooled_flag(parser)


MERGE_HELP = (
    "join windows of a class that overlap or touch, with the highest of their "
    "scores"
)


def check_choices(args: argparse.Namespace) -> None:
    """Checks the flags of `add_choices` as far as possible without a model.

    Raises:
        UserError: for values that are not allowed.
    """
    if args.pooled and not aims.given(args):
        raise UserError("--pooled needs --precision, --recall or --f1 as well")
    if args.top != "all" and not (args.top.isdecimal() and int(args.top)):
        raise UserError(
            f"--top is {args.top}, but must be a number from 1, or 'all'"
        )
    if args.threshold is not None and not 0 <= args.threshold <= 1:
        raise UserError(
            f"--threshold is {args.threshold}, but must be from 0 to 1"
        )


def check(args: argparse.Namespace) -> None:
    """Checks --workdir and --model, and makes a path of --workdir.

    A published model becomes the best model of its folder.

    Raises:
        UserError: for flags that do not go together.
    """
    is_published = args.model in models.NAMES
    is_file = args.model.endswith((".onnx", ".tflite", ".html"))
    if not (is_published or is_file or args.model in ("best", "last")):
        raise UserError(
            f"--model is {args.model}, but must be best, last, "
            f"{', '.join(models.NAMES)}, or a file NAME.onnx, NAME.tflite or "
            "NAME.html"
        )
    if (is_published or is_file) == bool(args.workdir):
        raise UserError(
            f"--model {args.model} needs no --workdir; leave one of them out"
            if args.workdir
            else "there is no model; give --workdir with a run, or --model "
            f"with an exported file or {' or '.join(models.NAMES)}"
        )
    if is_published:
        args.workdir, args.model = args.model, "best"
    if args.workdir:
        args.workdir = models.run_folder(args.workdir)


def check_output(args: argparse.Namespace) -> None:
    """Makes a path of --output.

    Raises:
        UserError: for an output without a name.
    """
    args.output = output = pathlib.Path(args.output)
    if output.name in ("", ".."):
        raise UserError(f"--output is {output}, but must end in a name")
