"""Other forms of a learned folding, on one fold each; none of them is shipped.

    python -m studies.folding_forms --csv notes/folds.csv --task pitch \
        --test_group fold1 --workdir runs/forms \
        --output docs/results/folding_forms_pitch.csv

Each form replaces a method of the layer or of the encoder while its run trains.
The recipe and the budget are those of `configs/study.py`. A line of the output
has the accuracy, and the folding of the first block along both axes.
"""

from __future__ import annotations

import contextlib
import pathlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

import keras
from keras import ops

import audio_diffstride
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import report_user_errors
from audio_diffstride.files import atomic
from audio_diffstride.layers.folding_resampling import FoldingResampling
from audio_diffstride.models.encoder import Encoder
from audio_diffstride.terminal.arguments import Parser

_COLUMNS = ("task", "fold", "form", "accuracy", "time", "frequency")


@contextlib.contextmanager
def _shared() -> Iterator[None]:
    """All blocks have the folding of the first."""
    build, first = FoldingResampling.build, {}

    def build_shared(layer: Any, input_shape: Any) -> None:
        if "block1/" in layer.path:
            build(layer, input_shape)
            first["folding"] = layer.folding
        else:
            vars(layer)["folding"] = first["folding"]

    with mock.patch.object(FoldingResampling, "build", build_shared):
        yield


@contextlib.contextmanager
def _sigmoid() -> Iterator[None]:
    """The weight has no bounds, and the folding is its sigmoid."""
    build, folding_of = FoldingResampling.build, FoldingResampling.folding_of

    def build_logit(layer: Any, input_shape: Any) -> None:
        build(layer, input_shape)
        layer.folding.constraint = None
        layer.folding.assign(ops.zeros_like(layer.folding))  # 0.5

    def sigmoid_of(layer: Any, spatial_axis: int) -> Any:
        return ops.sigmoid(folding_of(layer, spatial_axis))

    with (
        mock.patch.object(FoldingResampling, "build", build_logit),
        mock.patch.object(FoldingResampling, "folding_of", sigmoid_of),
    ):
        yield


@contextlib.contextmanager
def _penalty(weight: float) -> Iterator[None]:
    """The loss has the mean folding of the network, times a weight."""
    call = Encoder.call

    def call_with_penalty(
        encoder: Any, x: Any, training: bool | None = None
    ) -> Any:
        if training:
            folding = [d.resampling.folding for d in encoder.downsamplers]
            encoder.add_loss(weight * ops.mean(ops.concatenate(folding)))
        return call(encoder, x, training)

    with mock.patch.object(Encoder, "call", call_with_penalty):
        yield


@contextlib.contextmanager
def _noise(width: float) -> Iterator[None]:
    """Each step draws the folding around the learned one, within 0 to 1."""
    call, folding_of = Encoder.call, FoldingResampling.folding_of
    seed = keras.random.SeedGenerator(7)
    is_training = False

    def call_with_noise(
        encoder: Any, x: Any, training: bool | None = None
    ) -> Any:
        nonlocal is_training
        is_training = bool(training)
        try:
            return call(encoder, x, training)
        finally:
            is_training = False

    def noisy_folding(layer: Any, spatial_axis: int) -> Any:
        folding = folding_of(layer, spatial_axis)
        if not is_training:
            return folding
        drawn = keras.random.uniform((), -width, width, seed=seed)
        return ops.clip(folding + drawn, 0, 1)

    with (
        mock.patch.object(Encoder, "call", call_with_noise),
        mock.patch.object(FoldingResampling, "folding_of", noisy_folding),
    ):
        yield


FORMS: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "as shipped": contextlib.nullcontext,
    "shared by all blocks": _shared,
    "sigmoid": _sigmoid,
    "penalty 0.1": lambda: _penalty(0.1),
    "penalty 1": lambda: _penalty(1.0),
    "noise 0.25": lambda: _noise(0.25),
}


def _of_first_block(cutoffs: list[dict[str, Any]], axis: str) -> str:
    row = next(row for row in cutoffs if row["axis"] == axis)
    return f"{row['folding']:.2f}"


def run_form(args: Any, form: str) -> dict[str, str]:
    """Trains and tests one form.

    Returns:
        {column: cell} of its line.
    """
    fields = {f"model.{k}": v for k, v in ARMS[args.arm].fields.items()}
    fields |= {
        "data.tasks": args.task,
        "data.test_group": args.test_group,
        "data.validation": "none",
    }
    workdir = pathlib.Path(args.workdir) / args.task / form.replace(" ", "_")
    with FORMS[form]():
        run = audio_diffstride.train(
            args.csv, workdir, "configs/study.py", fields
        )
        score = run.evaluate()["tasks"][args.task]["accuracy"]
        cutoffs = run.cutoffs()
    cells = [args.task, args.test_group, form, f"{100 * score:.1f}"]
    cells += [_of_first_block(cutoffs, axis) for axis in _COLUMNS[-2:]]
    return dict(zip(_COLUMNS, cells))


def _parser() -> Parser:
    parser = Parser("python -m studies.folding_forms", __doc__ or "")
    parser.add_argument("--csv", required=True, help="the recordings")
    parser.add_argument("--task", required=True, help="the task to learn")
    parser.add_argument("--test_group", required=True, help="the test fold")
    parser.add_argument("--arm", default="folding", help="of learned folding")
    parser.add_argument("--workdir", required=True, help="folder of the runs")
    parser.add_argument("--output", required=True, help="the CSV to write")
    parser.add_argument(
        "--forms", nargs="+", default=[*FORMS], choices=[*FORMS], help="which"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    lines = []
    for form in args.forms:
        lines.append(run_form(args, form))
        print(*lines[-1].values(), sep="  ", flush=True)
        atomic.write_rows(args.output, lines)


if __name__ == "__main__":
    with report_user_errors():
        main()
