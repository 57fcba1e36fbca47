"""The trials of a search, best first, and the command that trains the best."""

from __future__ import annotations

import pathlib
import statistics
from typing import Any

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.sweep import plan_file, running, runs_csv
from audio_diffstride.sweep.initial_strides import format_value
from audio_diffstride.sweep.trials import Trial
from audio_diffstride.terminal.next_command import next_line
from audio_diffstride.terminal.text_table import aligned, to_markdown
from audio_diffstride.training.monitor import Monitor

FILE = "trials.csv"
_SPLIT = "validation"


def write(folder: pathlib.Path) -> None:
    """Writes results_validation/ of a search, and prints its table.

    Args:
        folder: of a sweep that is a search.

    Raises:
        UserError: if no trial has a score.
    """
    runs = plan_file.read(folder)
    search = plan_file.read_search(folder)
    assert search is not None
    monitor = Monitor(plan_file.read_config(folder)["training.monitor"])
    ranked = search.ranked(monitor)
    if not ranked or ranked[0][1].score is None:
        raise UserError(
            f"no trial of {folder} has a score; see {folder}/logs, and give "
            "the whole command of the search, which trains"
        )
    output = folder / f"results_{_SPLIT}"
    lines = table(ranked, monitor)
    atomic.write_rows(output / FILE, rows(ranked, monitor))
    caption = f"Trials by validation {monitor.name}, the best first"
    atomic.write_text(
        output / "table.md", f"{caption}.\n\n{to_markdown(lines)}"
    )
    found = runs_csv.collect(folder, runs, _SPLIT)
    if found:  # the plan alone is enough for the trials
        atomic.write_rows(output / runs_csv.FILE, runs_csv.rows(found))
    print(f"\n{caption}", *aligned(lines), sep="\n")
    without = [n for n, trial in ranked if trial.score is None]
    if without:
        print(
            f"\ntrials without a score: {', '.join(map(str, without))}; they "
            f"count as the worst; see {folder}/logs"
        )
    written = sorted(path.name for path in output.glob("[!.]*"))
    print(f"\nwritten: {output}, with {', '.join(written)}")
    print(_next(folder, ranked[0][1], runs[0].arm))


def table(ranked: list[tuple[int, Trial]], monitor: Monitor) -> list[list[str]]:
    """The lines of the table of the trials.

    Args:
        ranked: (number, trial), best first.
        monitor: the score.
    """
    fields = [*ranked[0][1].values]
    header = [field.rpartition(".")[2] for field in fields]
    lines = [["Trial", monitor.name.capitalize(), *header]]
    for number, trial in ranked:
        values = [format_value(trial.values[field]) for field in fields]
        lines.append([str(number), _cell(trial, monitor), *values])
    return lines


def _cell(trial: Trial, monitor: Monitor) -> str:
    if trial.score is None:
        return "none"
    text = monitor.format(trial.score)
    if len(trial.found) > 1:
        deviation = monitor.format(statistics.stdev(trial.found))
        text += f" ± {deviation} ({len(trial.found)})"
    return text


def rows(
    ranked: list[tuple[int, Trial]], monitor: Monitor
) -> list[dict[str, Any]]:
    """The rows of trials.csv: number, score, its deviation, runs, values."""
    return [
        {
            "trial": number,
            monitor.column: "" if trial.score is None else trial.score,
            "deviation": statistics.stdev(trial.found)
            if trial.score is not None and len(trial.found) > 1
            else "",
            "runs": len(trial.scores),
            **trial.values,
        }
        for number, trial in ranked
    ]


def _next(folder: pathlib.Path, best: Trial, arm: str) -> str:
    """The command that trains with the values of a trial."""
    values = {f"model.{name}": v for name, v in ARMS[arm].fields.items()}
    return next_line(
        "train",
        f"--config={folder / plan_file.CONFIG}",
        *(
            f"--config.{f}={value}"
            for f, value in (values | best.values).items()
        ),
        f"--workdir={folder / 'best'}",
        in_checkout=running.in_checkout(),
    )
