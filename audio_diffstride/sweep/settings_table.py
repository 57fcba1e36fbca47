"""A sweep as the paper's Tables 3, 4 and A.3 to A.6.

A row is a setting and a column is an arm. A cell is the mean ± sample standard
deviation over the seeds, and their number. The last row of accuracies is the
mean over all runs of an arm, as in the paper. Its deviation shows how much an
arm depends on its initial strides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from audio_diffstride.config.arms import ARMS
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import mean_and_std

Quantity = Callable[[Result], float | None]


def tables(
    runs: list[PlannedRun], results: list[Result]
) -> dict[str, list[list[str]]]:
    """{caption: lines of cells}: accuracies per task, strides and costs.

    Args:
        runs: of the plan. They define the rows and columns.
        results: those that exist.
    """
    # Several origins if the data vary. A dict keeps their order.
    origins: dict[str, dict[str, None]] = {}
    names: dict[str, str] = {}
    for result in results:
        for task, origin in result.origin.items():
            origins.setdefault(task, {})[origin] = None
            names[task] = result.score_name([task])
    accuracies = {
        f"{names[task].capitalize()} in % on {task} ({'; '.join(several)})": (
            _lines(
                runs,
                results,
                lambda r: r.accuracies.get(task),
                1,
                mean_of=names[task],
            )
        )
        for task, several in origins.items()
    }
    costs: list[tuple[str, Quantity, int]] = [
        ("Complexity J (Eq. 6)", lambda r: r.complexity, 2),
        (
            "Millions of multiply-adds of an example",
            lambda r: r.multiply_adds / 1e6,
            1,
        ),
        ("Training in s", lambda r: r.training_s, 0),
    ]
    return (
        accuracies
        | _first_strides(runs, results)
        | {
            caption: _lines(runs, results, cost, digits)
            for caption, cost, digits in costs
        }
    )


def _first_strides(
    runs: list[PlannedRun], results: list[Result]
) -> dict[str, list[list[str]]]:
    """The learned strides of the first place, one table per axis."""
    runs = [run for run in runs if run.learns_strides]
    learned = [result for result in results if result.run.learns_strides]
    return {
        f"Learned stride of {place.replace('_', ' along ')}": _lines(
            runs, learned, _stride_of(place), 2
        )
        for place in (learned[0].first_strides if learned else ())
    }


def _stride_of(place: str) -> Quantity:
    return lambda result: result.strides.get(place)


def _lines(
    runs: list[PlannedRun],
    results: list[Result],
    quantity: Quantity,
    digits: int,
    mean_of: str = "",
) -> list[list[str]]:
    arms = list(dict.fromkeys(run.arm for run in runs))
    header = [field.rpartition(".")[2] for field in runs[0].varied]
    lines = [[*header, "Initial strides", *(ARMS[arm].title for arm in arms)]]

    def cells(chosen: list[Result], at_least: int = 0) -> Iterator[str]:
        """One cell per arm; "" for fewer values than `at_least`."""
        for arm in arms:
            values = [
                value
                for result in chosen
                if result.run.arm == arm
                and (value := quantity(result)) is not None
            ]
            is_complete = len(values) >= at_least
            yield mean_and_std(values if is_complete else [], digits)

    settings = list(dict.fromkeys(run.setting for run in runs))
    num_seeds = len({run.seed for run in runs})
    for varied in dict.fromkeys(setting[:-1] for setting in settings):
        several = [s for s in settings if s[:-1] == varied]
        for setting in several:
            chosen = [r for r in results if r.run.setting == setting]
            lines.append([*varied, _strides(setting[-1]), *cells(chosen)])
        if mean_of and len(several) > 1:
            chosen = [r for r in results if r.run.setting in several]
            # A mean over some of the strides only would mislead.
            means = cells(chosen, at_least=num_seeds * len(several))
            lines.append([*varied, f"Mean {mean_of}", *means])
    return lines


def _strides(text: str) -> str:
    return f"({text.replace('-', ', ')})" if text else "as configured"
