"""Which classes an arm gains: the mean recall of each, an arm per column."""

from __future__ import annotations

import pathlib
import statistics

import numpy as np

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files
from audio_diffstride.files import csv_files
from audio_diffstride.sweep.results import Result

FILE = "recall.csv"
_REMEDY = "restore the file, or run the sweep again"


def rows(folder, results: list[Result], split: str) -> list[dict]:
    """A row per task and class; none if a work directory is gone.

    Args:
        folder: of the sweep.
        results: of its runs.
        split: that they were evaluated on.

    Returns:
        task, class, and for every arm its mean recall over all of its runs
        that were tested on the class, from 0 to 1; "" if none was.
    """
    arms = dict.fromkeys(result.run.arm for result in results)
    recalls = {}
    for result in results:
        workdir = pathlib.Path(folder) / result.run.name
        evaluation = score_files.read(workdir, split)
        if evaluation is None:
            return []
        for task, scores in evaluation["tasks"].items():
            for of_class in scores["per_class"]:
                of_arms = recalls.setdefault((task, of_class["class"]), {})
                if of_class["recall"] is not None:
                    several = of_arms.setdefault(result.run.arm, [])
                    several.append(of_class["recall"])
    return [
        {
            "task": task,
            "class": name,
            **{
                arm: round(statistics.mean(of_arms[arm]), 4)
                if arm in of_arms
                else ""
                for arm in arms
            },
        }
        for (task, name), of_arms in recalls.items()
    ]


def by_quarter(folder, split: str) -> list[list[list[str]]]:
    """A table per task: the mean recall of each quarter of its classes, in %.

    Classes are in their order, so that of pitches the first quarter are the low
    ones.

    Args:
        folder: of a sweep that has a recall.csv.
        split: that it was evaluated on.

    Raises:
        UserError: if it has none, it is damaged, or no task has four classes.
    """
    path = pathlib.Path(folder) / f"results_{split}" / FILE
    try:
        lines = csv_files.read(path, ["task", "class"], _REMEDY)
    except FileNotFoundError:
        raise UserError(f"there is no {path}; run the sweep again") from None
    arms = [arm for arm in ARMS if arm in lines[0]]
    tables = []
    for task in dict.fromkeys(line["task"] for line in lines):
        of_task = [line for line in lines if line["task"] == task]
        if len(of_task) < 4:
            continue
        header = [f"Recall in %: {task}", *(ARMS[arm].title for arm in arms)]
        tables.append([header])
        for quarter in np.array_split(of_task, 4):
            ends = dict.fromkeys((quarter[0]["class"], quarter[-1]["class"]))
            tables[-1].append(
                [" to ".join(ends)]
                + [_mean_percent(path, quarter, arm) for arm in arms]
            )
    if not tables:
        raise UserError(f"{path} has no task of four classes or more")
    return tables


def _mean_percent(path, lines: list[dict[str, str]], arm: str) -> str:
    recalls = [
        csv_files.number(path, line, arm, _REMEDY)
        for line in lines
        if line[arm]
    ]
    return f"{100 * statistics.mean(recalls):.0f}" if recalls else ""
