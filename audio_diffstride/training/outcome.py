"""The outcome of a training, in a sentence."""

from __future__ import annotations

import math
import os
import pathlib
from collections.abc import Mapping
from typing import Any

from audio_diffstride.files import csv_files
from audio_diffstride.runs import layout, provenance
from audio_diffstride.training.monitor import (
    DEFAULT,
    OF_SEVERAL_LABELS,
    Monitor,
)


def describe(workdir: str | os.PathLike[str]) -> str:
    """The best monitored score of a run, and its step.

    It is that of best.keras: among equals the latest.

    Args:
        workdir: the run's work directory.

    Raises:
        UserError: if history.csv or strides.csv is damaged.
    """
    workdir = pathlib.Path(workdir)
    run = provenance.read(workdir) or {"config": {}, "finished": None}
    training = run["config"].get("training", {})
    history = _columns(workdir / layout.HISTORY)
    monitor = Monitor(training.get("monitor", DEFAULT))
    of_several = Monitor(OF_SEVERAL_LABELS)
    if monitor.text == DEFAULT and of_several.column in history:
        monitor = of_several  # as `of_tasks` chose
    steps = _columns(workdir / layout.STRIDES).get("step", [])[1:]  # 0 is first
    best = _best(history, monitor)
    if best is None:
        return "there is no validation set, so best.keras is the last model"
    score, step = best[0], steps[best[1]]
    others = {"val_accuracy", of_several.column, monitor.column}
    tasks = sum(n.startswith("val_") and n not in others for n in history)
    of_tasks = f", mean of {tasks} tasks" if tasks > 1 else ""
    return (
        f"best validation {monitor.name}"
        + ("" if run["finished"] else " so far")
        + ("" if monitor.task else of_tasks)
        + f": {monitor.format(score)}, at step {step:,.0f} of {steps[-1]:,.0f}"
        + _describe_stop(workdir, training)
    )


def best_score(
    workdir: str | os.PathLike[str], monitor: Monitor
) -> float | None:
    """The score of best.keras of a run; None without a validation set.

    Raises:
        UserError: if history.csv is damaged.
    """
    history = _columns(pathlib.Path(workdir) / layout.HISTORY)
    best = _best(history, monitor)
    return best[0] if best else None


def _best(
    history: Mapping[str, list[float]], monitor: Monitor
) -> tuple[float, int] | None:
    """The best score of a history, and the last epoch that has it."""
    best: tuple[float, int] | None = None
    for epoch, score in enumerate(history.get(monitor.column, [])):
        if math.isnan(score):
            continue
        if best is None or not monitor.is_better(best[0], score):
            best = score, epoch
    return best


def _describe_stop(workdir: pathlib.Path, training: Mapping[str, Any]) -> str:
    """What early stopping has left out of a run."""
    step = provenance.stopped_early(workdir)
    if step is None:
        return ""
    return f" (stopped early, of {training['num_steps']:,} steps)"


def _columns(path: pathlib.Path) -> dict[str, list[float]]:
    """The columns of a table of the run; none if it is missing."""
    try:
        return csv_files.read_numbers(
            path, [], "train the run again, or restore the file"
        )
    except FileNotFoundError:
        return {}
