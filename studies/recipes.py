r"""Compares recipes with the plain one: accuracy and learned cut-offs.

    python -m studies.recipes --output docs/results/recipes.md \
        --plain docs/results/esc10_folds \
        --recipe "Mixing" docs/results/esc10_mixing \
        --recipe "Masks" docs/results/esc10_masks

Runs of the same arm, fold and seed are paired. Written to --output:

    the accuracy of every arm with every recipe, pooled over all recordings
    what each recipe changes: points, and the first cut-off along each axis
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence

from audio_diffstride.config.arms import ARMS, in_order
from audio_diffstride.cutoffs.frequencies import FRAME_RATE_HZ, cutoff
from audio_diffstride.errors import report_user_errors
from audio_diffstride.files import outputs
from audio_diffstride.sweep.comparison import Pair
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.arguments import Parser
from studies import generated_tables, kept_results
from studies.titles import by_title

PLAIN = "Plain"
# Of the front end that all runs here have: frames, and mel bands.
_RATES = {"time": FRAME_RATE_HZ, "frequency": 1.0}
_DIGITS = {"time": 1, "frequency": 3}

_NOTE = (
    "Accuracy: correct recordings of all folds together, mean over seeds "
    "(runs). Changes: mean over runs of the same arm, fold and seed ± standard "
    "error."
)


def tables(recipes: dict[str, list[Result]]) -> list[list[list[str]]]:
    """The tables of recipes.md; the first recipe is the plain one."""
    return [[*_accuracies(recipes)], [*_changes(recipes)]]


def pooled(results: list[Result], arm: str, task: str) -> float:
    """The accuracy in % over the recordings of all runs of an arm."""
    runs = [r for r in results if r.run.arm == arm]
    right = sum(r.accuracies[task] * r.num_recordings[task] for r in runs)
    return right / sum(r.num_recordings[task] for r in runs)


def _accuracies(recipes: dict[str, list[Result]]) -> Iterator[list[str]]:
    arms = in_order(r.run.arm for rs in recipes.values() for r in rs)
    yield ["Recipe", "Task", *(ARMS[arm].title for arm in arms)]
    for title, results in recipes.items():
        for task in results[0].accuracies:
            cells = [
                f"{pooled(results, arm, task):.1f} ({len(runs)})"
                if (runs := _runs(results, arm))
                else ""
                for arm in arms
            ]
            yield [title, task, *cells]


def _changes(recipes: dict[str, list[Result]]) -> Iterator[list[str]]:
    plain, *others = recipes
    yield [
        "Change by", "Arm", "Pairs", "Points", "First cut-off along time, Hz",
        "Along frequency, cycles/band",
    ]  # fmt: skip
    for title in others:
        for arm in ARMS:
            pairs = _pairs(recipes[plain], recipes[title], arm)
            if not pairs:
                continue
            points = [new.accuracy - old.accuracy for old, new in pairs]
            yield [
                title,
                ARMS[arm].title,
                str(len(pairs)),
                _mean_and_error(points, 1),
                *(_cutoff_change(pairs, axis) for axis in _RATES),
            ]


def _cutoff_change(pairs: list[tuple[Result, Result]], axis: str) -> str:
    """The mean cut-off before and after, and the change; "" if not learned."""
    if not pairs[0][0].run.learns_strides:
        return ""
    before, after = (
        [cutoff(_first_stride(r, axis), _RATES[axis]) for r in results]
        for results in zip(*pairs)
    )
    digits = _DIGITS[axis]
    changes = [new - old for old, new in zip(before, after)]
    return (
        f"{statistics.mean(before):.{digits}f} to "
        f"{statistics.mean(after):.{digits}f} "
        f"({_mean_and_error(changes, digits)})"
    )


def _first_stride(result: Result, axis: str) -> float:
    return next(
        stride
        for place, stride in result.first_strides.items()
        if place.endswith(f"_{axis}")
    )


def _runs(results: list[Result], arm: str) -> list[Result]:
    return [r for r in results if r.run.arm == arm]


def _pairs(
    old: list[Result], new: list[Result], arm: str
) -> list[tuple[Result, Result]]:
    def keyed(results: list[Result]) -> dict[Pair, Result]:
        return {r.run.pair: r for r in _runs(results, arm)}

    before = keyed(old)
    return [(before[k], r) for k, r in keyed(new).items() if k in before]


def _mean_and_error(values: list[float], digits: int) -> str:
    mean = f"{statistics.mean(values):+.{digits}f}"
    if len(values) < 2:
        return mean
    error = statistics.stdev(values) / len(values) ** 0.5
    return f"{mean} ± {error:.{digits}f}"


def _parser() -> Parser:
    parser = Parser("python -m studies.recipes", __doc__ or "")
    parser.add_argument(
        "--plain", required=True, metavar="FOLDER", help="the plain sweep"
    )
    parser.add_argument(
        "--recipe",
        nargs=2,
        action="append",
        required=True,
        metavar=("TITLE", "FOLDER"),
        help="a title and the folder of a sweep",
    )
    parser.add_argument(
        "--output", required=True, metavar="FILE.md", help="the tables"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    recipes = by_title([(PLAIN, args.plain), *args.recipe], "--recipe")
    output = outputs.file(args.output)
    found = tables({t: kept_results.read(f) for t, (f,) in recipes.items()})
    generated_tables.write(output, found, _NOTE)


if __name__ == "__main__":
    with report_user_errors():
        main()
