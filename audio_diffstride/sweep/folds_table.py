"""The accuracy over all folds of a cross-validation, or over draws of examples.

One table has the accuracy over all recordings with its interval: over the folds
or, from three seeds on, over the seeds, whichever is wider. The other has the
mean over the folds, as studies of data sets with official folds print it.
Without folds, seeds that draw other training examples take their place.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable

import scipy.stats

from audio_diffstride.config.arms import ARMS
from audio_diffstride.sweep.cross_validation import FOLD, GROUP
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import mean_and_std

_LEVEL = 0.95
_MIN_SEEDS = 3  # for an interval over seeds
EXAMPLES = "data.examples_per_class"
Accuracies = list[tuple[float, int]]  # in %, and of how many recordings
Cell = Callable[[Accuracies, Accuracies], str]


@dataclasses.dataclass(frozen=True)
class _Unit:
    """What is independent from run to run.

    Attributes:
        name: in captions.
        field: that it varies, or "" for the seed.
        of: from a run to its unit; None for a run without one.
    """

    name: str
    field: str
    of: Callable[[PlannedRun], object]


def _draw(run: PlannedRun) -> int | None:
    """The seed of a run, if it draws its training examples."""
    return run.seed if EXAMPLES in run.varied else None


_UNITS = (
    _Unit("fold", GROUP, lambda run: run.varied.get(GROUP)),
    _Unit("fold", FOLD, lambda run: run.varied.get(FOLD)),
    _Unit("draw", "", _draw),
)


def tables(
    runs: list[PlannedRun], results: list[Result]
) -> dict[str, list[list[str]]]:
    """{caption: lines of cells} of each task. Empty without folds or draws.

    The accuracy of a fold is the mean over the seeds. A cell is empty until
    every fold, or every draw, is there.

    Args:
        runs: of the plan.
        results: those that exist.
    """
    for unit in _UNITS:
        count = len({unit.of(run) for run in runs})
        if count > 1:
            names = {
                task: result.score_name([task])
                for result in results
                for task in result.accuracies
            }
            return {
                f"{name.capitalize()} in % on {task} over {count} {unit.name}s,"
                f" {caption.format(unit=unit.name)}": _lines(
                    runs, results, unit, task, cell
                )
                for task, name in names.items()
                for caption, cell in _CELLS.items()
            }
    return {}


def _lines(
    runs: list[PlannedRun],
    results: list[Result],
    unit: _Unit,
    task: str,
    cell: Cell,
) -> list[list[str]]:
    others = [name for name in runs[0].varied if name != unit.field]
    arms = list(dict.fromkeys(run.arm for run in runs))
    header = [name.rpartition(".")[2] for name in others] + ["Initial strides"]
    lines = [[*header, *(ARMS[arm].title for arm in arms)]]

    def setting(run: PlannedRun) -> tuple[str, ...]:
        strides = run.strides or "as configured"
        return (*(run.varied[name] for name in others), strides)

    for one in dict.fromkeys(map(setting, runs)):
        cells = []
        for arm in arms:
            planned = [r for r in runs if setting(r) == one and r.arm == arm]
            found = [r for r in results if r.run in planned]
            is_complete = len(found) == len(planned)
            folds = _accuracies(found, unit.of, task) if is_complete else []
            seeds = _accuracies(found, lambda run: run.seed, task)
            cells.append(cell(folds, seeds) if len(folds) > 1 else "")
        lines.append([*one, *cells])
    return lines


def _accuracies(
    found: list[Result], part: Callable[[PlannedRun], object], task: str
) -> Accuracies:
    """The accuracy of each part of the runs, a fold or a seed."""
    by_part = collections.defaultdict(list)
    for result in found:
        if task in result.accuracies:
            size = result.num_recordings.get(task, 1)
            by_part[part(result.run)].append((result.accuracies[task], size))
    return [
        (_weighted_mean(each), sum(size for _, size in each))
        for each in by_part.values()
    ]


def _weighted_mean(found: Accuracies) -> float:
    return sum(v * n for v, n in found) / sum(n for _, n in found)


def _pooled(folds: Accuracies, seeds: Accuracies) -> str:
    mean, half = interval(folds)
    if len(seeds) >= _MIN_SEEDS:
        half = max(half, interval(seeds)[1])
    low, high = max(0.0, mean - half), min(100.0, mean + half)
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


def _mean(folds: Accuracies, _: Accuracies) -> str:
    return mean_and_std([accuracy for accuracy, _ in folds])


_CELLS = {
    "with 95 % intervals": _pooled,
    "mean ± standard deviation ({unit}s)": _mean,
}


def interval(found: Accuracies) -> tuple[float, float]:
    """The mean over folds or seeds, by their sizes, and half its interval.

    Recordings of one fold share a speaker or a place, and runs of one seed the
    weights that they start from. So folds, or seeds, are the independent units:
    Student's t with one degree of freedom less than there are.

    Args:
        found: the accuracy of each, at least two, and its recordings.

    >>> mean, half = interval([(80.0, 1), (90.0, 3)])
    >>> mean
    87.5
    """
    count, total = len(found), sum(size for _, size in found)
    mean = _weighted_mean(found)
    squares = sum((n / total * (v - mean)) ** 2 for v, n in found)
    error = (squares * count / (count - 1)) ** 0.5
    return mean, float(scipy.stats.t.ppf((1 + _LEVEL) / 2, count - 1)) * error
