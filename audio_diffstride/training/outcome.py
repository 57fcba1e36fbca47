"""The outcome of a training, in a sentence."""

from __future__ import annotations

import math
import os
import pathlib

from audio_diffstride.files import csv_files
from audio_diffstride.runs import layout, provenance


def describe(workdir: str | os.PathLike[str]) -> str:
    """The best validation accuracy of a run, and its step.

    It is that of best.keras: among equals the latest.

    Args:
        workdir: the run's work directory.

    Raises:
        UserError: if history.csv or strides.csv is damaged.
    """
    workdir = pathlib.Path(workdir)
    history = _columns(workdir / layout.HISTORY)
    steps = _columns(workdir / layout.STRIDES).get("step", [])[1:]  # 0 is first
    scores = [
        (accuracy, step)
        for accuracy, step in zip(history.get("val_accuracy", []), steps)
        if not math.isnan(accuracy)
    ]
    if not scores:
        return "there is no validation set, so best.keras is the last model"
    accuracy, step = max(scores)
    tasks = sum(name.startswith("val_") for name in history) - 1
    return (
        "best validation accuracy"
        + ("" if provenance.is_finished(workdir) else " so far")
        + (f", mean of {tasks} tasks" if tasks > 1 else "")
        + f": {100 * accuracy:.1f} %, at step {step:,.0f} of {steps[-1]:,.0f}"
    )


def _columns(path: pathlib.Path) -> dict[str, list[float]]:
    """The columns of a table of the run; none if it is missing."""
    try:
        return csv_files.read_numbers(
            path, [], "train the run again, or restore the file"
        )
    except FileNotFoundError:
        return {}
