"""A sweep as the paper's Tables 3, 4 and A.3 to A.6: a row per setting.

Columns are the arms; cells are means and sample deviations over the seeds, and
how many those are. Of accuracies the last row is the mean over all runs of an
arm, as the paper has it: its deviation says how much an arm depends on the
strides it starts with.
"""

from __future__ import annotations

from audio_diffstride.config.arms import ARMS
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import mean_and_deviation


def tables(
    runs: list[PlannedRun], results: list[Result]
) -> dict[str, list[list[str]]]:
    """{caption: lines of cells}: accuracies of every task, strides and costs.

    Args:
        runs: of the plan, which say the rows and columns.
        results: those that are there; how many is in each cell.
    """
    origins = {}
    for result in results:
        for task, origin in result.origin.items():
            origins.setdefault(task, {})[origin] = None  # several, if varied
    accuracies = {
        f"Accuracy in % on {task} ({'; '.join(several)})": _lines(
            runs, results, lambda r: r.accuracies.get(task), 1, means=True
        )
        for task, several in origins.items()
    }
    costs = {
        caption: _lines(runs, results, cost, digits)
        for caption, cost, digits in (
            ("Complexity J (Eq. 6)", lambda r: r.complexity, 2),
            (
                "Millions of multiply-adds of an example",
                lambda r: r.multiply_adds / 1e6,
                1,
            ),
            ("Training in s", lambda r: r.training_s, 0),
        )
    }
    return accuracies | _first_strides(runs, results) | costs


def _first_strides(runs, results) -> dict[str, list[list[str]]]:
    """The strides that the first place has learned, a table per axis."""
    runs = [run for run in runs if run.learns_strides]
    learned = [result for result in results if result.run.learns_strides]
    return {
        f"Learned stride of {place.replace('_', ' along ')}": _lines(
            runs, learned, lambda r, place=place: r.strides.get(place), 2
        )
        for place in (learned[0].first_strides if learned else ())
    }


def _lines(runs, results, quantity, digits: int, means: bool = False):
    arms = list(dict.fromkeys(run.arm for run in runs))
    header = [field.rpartition(".")[2] for field in runs[0].varied]
    lines = [[*header, "Initial strides", *(ARMS[arm].title for arm in arms)]]

    def cells(chosen, expected: int = 0):
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
