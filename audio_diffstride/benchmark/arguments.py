"""The arguments of the command, and what they are where none is given."""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride.benchmark import devices
from audio_diffstride.errors import UserError, join_some

_NEED_TENSORFLOW = ("layers", "pipeline")
PRECISIONS = ("float32", "mixed_bfloat16")
# Side of the matrices whose product gives the rate: a GPU needs large ones.
_MATRIX = {"cpu": 2048, "gpu": 8192}


def add(parser: argparse.ArgumentParser, parts: list[str]) -> None:
    """Adds the flags; nothing of Keras is imported for it.

    Args:
        parser: of the command.
        parts: the names that --parts may have.
    """
    parser.add_argument(
        "--parts",
        type=_some_of("--parts", parts),
        help=f"by commas, of {', '.join(parts)} (default: layers,blocks,"
        "network, the first with TensorFlow only; on a GPU recipe)",
    )
    parser.add_argument(
        "--device",
        choices=devices.CHOICES,
        help="(default: a GPU where the backend sees one)",
    )
    parser.add_argument(
        "--width",
        type=lambda text: [
            _positive(float)(width) for width in text.split(",")
        ],
        help="of the networks, by commas (default: 1,0.25; of the recipe 1)",
    )
    parser.add_argument(
        "--batch",
        type=_positive(int),
        help="windows per step (default: 16; of the recipe 256)",
    )
    parser.add_argument("--repetitions", type=_positive(int), default=9)
    recipe = parser.add_argument_group("the recipe")
    recipe.add_argument(
        "--precision",
        type=_some_of("--precision", PRECISIONS),
        default=list(PRECISIONS),
        help=f"by commas (default: {','.join(PRECISIONS)})",
    )
    recipe.add_argument(
        "--arms",
        type=lambda text: text.split(","),
        help="by commas, the first is what the others are compared with "
        "(default: all)",
    )
    recipe.add_argument(
        "--steps",
        type=_positive(int),
        default=20,
        help="timed in a row, before it is the next arm's turn (default: 20)",
    )
    parser.add_argument(
        "--released",
        type=pathlib.Path,
        metavar="PATH",
        help="a checkout of google-research/diffstride, to compare with",
    )
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        metavar="FILE.json",
        help="where the numbers go; growth is also drawn, beside it",
    )


def finish(args: argparse.Namespace, device: str):
    """Sets what depends on the device and the backend.

    Raises:
        UserError: for parts and arms that the backend does not have.
    """
    from audio_diffstride import backends
    from audio_diffstride.benchmark import arms

    if args.output and not args.output.parent.is_dir():
        raise UserError(f"--output: there is no folder {args.output.parent}")

    args.matrix = [_MATRIX[device]]
    if args.parts is None:
        args.parts = ["layers", "blocks", "network"]
        if device == "gpu":
            args.parts = ["recipe"]
        elif backends.name() != "tensorflow":
            args.parts = ["blocks", "network"]
    for part in args.parts:
        if part in _NEED_TENSORFLOW and backends.name() != "tensorflow":
            raise UserError(
                f"the part {part} is for TensorFlow only; leave it out of "
                f"--parts, or set KERAS_BACKEND=tensorflow"
            )
    known = arms.names(args.released)
    args.arms = args.arms or known
    if unknown := [arm for arm in args.arms if arm not in known]:
        raise UserError(
            f"--arms has no {join_some(unknown)} with the backend "
            f"{backends.name()}; it has {', '.join(known)}"
        )


def _some_of(flag: str, known):
    def names(text: str) -> list[str]:
        given = text.split(",")
        if unknown := [name for name in given if name not in known]:
            raise argparse.ArgumentTypeError(
                f"{flag} has no {', '.join(unknown)}; it has {', '.join(known)}"
            )
        return given

    return names


def _positive(kind):
    def number(text: str):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a{'n' * (kind is int)} {kind.__name__} > 0"
            )
        return value

    return number
