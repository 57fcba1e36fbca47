"""The arguments of commands that put recordings through a model."""

from __future__ import annotations

import argparse
import pathlib

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


def check(args: argparse.Namespace) -> None:
    """Checks --workdir and --model, and makes paths of --workdir and --output.

    A published model becomes the best model of its folder.

    Raises:
        UserError: for flags that do not go together, or an output without a
            name.
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
    args.output = output = pathlib.Path(args.output)
    if output.name in ("", ".."):
        raise UserError(f"--output is {output}, but must end in a name")
