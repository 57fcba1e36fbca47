"""A sweep as the paper's Tables 3, 4 and A.3 to A.6: a row per setting.

Columns are the arms, of every task; cells are means and sample deviations over
the seeds. The last row is the mean over all runs of an arm, as the paper has
it: its deviation says how much an arm depends on the strides it starts with.
"""

from __future__ import annotations

from audio_diffstride.arms import ARMS
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.results import Result
from audio_diffstride.text_table import mean_and_deviation


def accuracies(
    runs: list[PlannedRun], results: list[Result]
) -> list[list[str]]:
    """Accuracies in %, per task and arm.

    Args:
        runs: of the plan, which say the rows and columns.
        results: those that are there; the number of seeds is in each cell.

    Returns:
        Lines of cells, the header first.
    """
    tasks = dict.fromkeys(t for r in results for t in r.accuracies)
    quantities = {
        task if len(tasks) > 1 else "": lambda r, t=task: r.accuracies.get(t)
        for task in tasks
    }
    return _lines(runs, results, quantities, 1, means=True)


def costs(runs: list[PlannedRun], results: list[Result]) -> list[list[str]]:
    """J, millions of multiply-adds of a window, and training seconds."""
    quantities = {
        "J": lambda r: r.complexity,
        "10^6 multiply-adds": lambda r: r.multiply_adds / 1e6,
        "training s": lambda r: r.training_s,
    }
    return _lines(runs, results, quantities, 2, means=False)


def _lines(runs, results, quantities, digits, means: bool):
    arms = list(dict.fromkeys(run.arm for run in runs))
    lines = [
        [field.rpartition(".")[2] for field in runs[0].varied]
        + ["Initial strides"]
        + [
            f"{name}: {ARMS[arm].title}" if name else ARMS[arm].title
            for name in quantities
            for arm in arms
        ]
    ]

    def cells(chosen, expected: int = 0):
        for quantity in quantities.values():
            for arm in arms:
                values = [quantity(r) for r in chosen if r.run.arm == arm]
                values = [value for value in values if value is not None]
                whole = len(values) >= expected
                yield mean_and_deviation(values if whole else [], digits)

    settings = dict.fromkeys(run.setting for run in runs)
    seeds = len({run.seed for run in runs})
    for varied in dict.fromkeys(setting[:-1] for setting in settings):
        several = [s for s in settings if s[:-1] == varied]
        for setting in several:
            chosen = [r for r in results if r.run.setting == setting]
            lines.append([*varied, _strides(setting[-1]), *cells(chosen)])
        if means and len(several) > 1:
            chosen = [r for r in results if r.run.setting in several]
            # A mean over some of the strides would say nothing.
            whole = cells(chosen, expected=seeds * len(several))
            lines.append([*varied, "Mean accuracy", *whole])
    return lines


def _strides(text: str) -> str:
    return f"({text.replace('-', ', ')})" if text else "as configured"


def rows(results: list[Result]) -> list[dict]:
    """Every run with all its numbers, for a CSV."""
    tasks = dict.fromkeys(t for r in results for t in r.accuracies)
    places = dict.fromkeys(p for r in results for p in r.strides)
    fields = dict.fromkeys(f for r in results for f in r.run.varied)
    return [
        {
            "name": result.run.name,
            "arm": result.run.arm,
            "strides": result.run.strides,
            **{field: result.run.varied[field] for field in fields},
            "seed": result.run.seed,
            **{f"{t}_accuracy": result.accuracies.get(t, "") for t in tasks},
            "complexity": result.complexity,
            "multiply_adds": result.multiply_adds,
            "training_s": result.training_s,
            "striding_factor": result.striding_factor,
            **{f"{p}_stride": result.strides.get(p, "") for p in places},
        }
        for result in results
    ]
