"""Measures how fast the layer and the networks are, and their peak memory.

    audio-diffstride benchmark
    audio-diffstride benchmark --parts network --width 0.25
    KERAS_BACKEND=jax audio-diffstride benchmark --device gpu --output gpu.json

The parts:

    layers      DiffStride alone, as a matrix product and by FFTs
    blocks      a training step of each block of the audio network
    network     a training step and a forward pass of the whole network
    recipe      training as in the paper, with the input side: for a GPU
    pipeline    what else takes time: windows, front end, prediction, import
    growth      time and memory against length, batch and width
    roofline    layer, block and network beside the limits of the machine
    bfloat16    pieces and networks in half precision beside float32
    commands    how long a user waits for each command
    large       time and memory against the size of the data: 2 GB of disk
    time_to_accuracy  how long trainings take to reach a score on held-out
                recordings of yours, by a recipe and by other settings of it

    audio-diffstride benchmark --parts time_to_accuracy --data recordings/ \
        --arms strided_conv,folding --target 0.9 \
        --setting fast:training.learning_rate=0.004,training.num_steps=600

A time is the median of interleaved repetitions. Memory is the peak of a
training step in its own process. Machines differ and are noisy, so compare
ratios. Tables are printed. With --output FILE.json all numbers are written
there. The figure of growth is FILE.png beside it.
"""

from __future__ import annotations

import argparse
import importlib
import pathlib
from collections.abc import Callable, Sequence

from audio_diffstride.benchmark import accuracy_arguments, devices
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.files import atomic

# A part is a module of this room. Its `run(args)` returns rows of numbers.
PARTS = (
    "layers",
    "blocks",
    "network",
    "recipe",
    "pipeline",
    "growth",
    "roofline",
    "bfloat16",
    "commands",
    "large",
    "time_to_accuracy",
)
_NEED_TENSORFLOW = ("layers", "pipeline")
_PRECISIONS = ("float32", "mixed_bfloat16")
# Side of the square matrices that measure the rate. A GPU needs large ones.
_MATRIX_SIZE = {"cpu": 2048, "gpu": 8192}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride benchmark`."""
    parser.add_argument(
        "--parts",
        type=_names("--parts", PARTS),
        help="what to measure, with commas; default layers,blocks,network on "
        "a CPU (layers with TensorFlow only), recipe on a GPU",
    )
    parser.add_argument(
        "--device",
        choices=devices.CHOICES,
        help="default a GPU if the backend sees one",
    )
    parser.add_argument(
        "--width",
        type=lambda text: [_positive_float(width) for width in text.split(",")],
        help="factors on the channels, with commas; default 1,0.25, for the "
        "recipe 1",
    )
    parser.add_argument(
        "--batch",
        type=_positive_int,
        help="windows per step; default 16, for the recipe 256",
    )
    parser.add_argument(
        "--repetitions",
        type=_positive_int,
        default=9,
        help="how often each time is measured; default 9",
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
        help="file for all numbers",
    )
    parser.add_argument(
        "--arms",
        type=lambda text: text.split(","),
        help="with commas; for the recipe, which compares the others with the "
        "first, default all; for time_to_accuracy those of sweep, default "
        + ",".join(accuracy_arguments.ARMS),
    )
    recipe = parser.add_argument_group("the part recipe")
    recipe.add_argument(
        "--precision",
        type=_names("--precision", _PRECISIONS),
        default=list(_PRECISIONS),
        help=f"with commas; default {','.join(_PRECISIONS)}",
    )
    recipe.add_argument(
        "--steps",
        type=_positive_int,
        default=20,
        help="how many steps are timed in a row; default 20",
    )
    large = parser.add_argument_group("the part large")
    large.add_argument(
        "--windows",
        type=_positive_ints,
        default=[10_000, 100_000, 1_000_000],
        metavar="N,...",
        help="sizes of the stores, in seconds of sound; default "
        "10000,100000,1000000",
    )
    large.add_argument(
        "--files",
        type=_positive_ints,
        default=[1000, 10_000, 100_000],
        metavar="N,...",
        help="sizes of the folders of recordings; default 1000,10000,100000",
    )
    accuracy_arguments.add_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Measures, and prints the tables."""
    device = devices.choose(args.device)
    _set_defaults(args, device)
    machine = devices.describe()
    print(*(f"{name}: {value}" for name, value in machine.items()), sep="\n")
    results = {}
    for part in args.parts:
        module = importlib.import_module(f"audio_diffstride.benchmark.{part}")
        results[part] = module.run(args)
    if args.output:
        atomic.write_json(args.output, {"machine": machine, **results})


def _set_defaults(args: argparse.Namespace, device: str) -> None:
    """Sets what depends on the device and the backend.

    Raises:
        UserError: for parts and arms that the backend does not have.
    """
    from audio_diffstride import backends
    from audio_diffstride.benchmark import arms

    if args.output and not args.output.parent.is_dir():
        raise UserError(
            f"--output: there is no folder {args.output.parent}; make it, or "
            "give another"
        )
    backend = backends.name()
    args.matrix_size = _MATRIX_SIZE[device]
    if args.parts is None:
        if device == "gpu":
            args.parts = ["recipe"]
        elif backend == "tensorflow":
            args.parts = ["layers", "blocks", "network"]
        else:
            args.parts = ["blocks", "network"]
    for part in args.parts:
        if part in _NEED_TENSORFLOW and backend != "tensorflow":
            raise UserError(
                f"the part {part} is for TensorFlow only; leave it out of "
                f"--parts, or set KERAS_BACKEND=tensorflow"
            )
    known = arms.names(args.released)
    unknown = [arm for arm in args.arms or () if arm not in known]
    # time_to_accuracy has the arms of sweeps, and checks them itself.
    if unknown and set(args.parts) != {"time_to_accuracy"}:
        raise UserError(
            f"--arms has no {join_some(unknown)} with the backend {backend}; "
            f"it has {', '.join(known)}"
        )


def _names(flag: str, known: Sequence[str]) -> Callable[[str], list[str]]:
    """The type of a flag that takes some of the known names."""

    def parse(text: str) -> list[str]:
        given = text.split(",")
        if unknown := [name for name in given if name not in known]:
            raise argparse.ArgumentTypeError(
                f"{flag} has no {', '.join(unknown)}; it has {', '.join(known)}"
            )
        return given

    return parse


def _positive_int(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an int > 0")
    return int(text)


def _positive_ints(text: str) -> list[int]:
    return sorted(_positive_int(part) for part in text.split(","))


def _positive_float(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a float > 0")
    return value
