"""Which classes an arm recognises, in four groups: from recall.csv."""

from __future__ import annotations

import os
import pathlib
import statistics

import numpy as np

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.files import csv_files
from audio_diffstride.sweep.recall import FILE

_REMEDY = "restore the file, or run the sweep again"


def tables(folder: str | os.PathLike[str], split: str) -> list[list[list[str]]]:
    """One table per task: the mean recall in each quarter of its classes.

    Classes are in the order of the task. For pitches, the first quarter has
    the lowest. A column is an arm, a cell is in %.

    Args:
        folder: of a sweep that has a recall.csv.
        split: that it was evaluated on.

    Raises:
        UserError: if the file is missing or damaged, or no task has four
            classes.
    """
    path = pathlib.Path(folder) / f"results_{split}" / FILE
    try:
        rows = csv_files.read(path, ["task", "class"], _REMEDY)
    except FileNotFoundError:
        raise UserError(f"there is no {path}; run the sweep again") from None
    arms = [arm for arm in ARMS if arm in rows[0]]
    found = []
    for task in dict.fromkeys(row["task"] for row in rows):
        of_task = [row for row in rows if row["task"] == task]
        if len(of_task) < 4:
            continue
        header = [f"Recall in %: {task}", *(ARMS[arm].title for arm in arms)]
        lines = [header]
        for numbers in np.array_split(range(len(of_task)), 4):
            quarter = [of_task[number] for number in numbers]
            ends = dict.fromkeys((quarter[0]["class"], quarter[-1]["class"]))
            lines.append(
                [" to ".join(ends)]
                + [_mean_percent(path, quarter, arm) for arm in arms]
            )
        found.append(lines)
    if not found:
        raise UserError(
            f"{path} has no task of four classes or more; give --recall a "
            "sweep that has one"
        )
    return found


def _mean_percent(
    path: pathlib.Path, rows: list[dict[str, str]], arm: str
) -> str:
    recalls = [
        csv_files.number(path, row, arm, _REMEDY) for row in rows if row[arm]
    ]
    return f"{100 * statistics.mean(recalls):.0f}" if recalls else ""
