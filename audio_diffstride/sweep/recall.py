"""Which classes an arm gains: the mean recall of each, an arm per column."""

from __future__ import annotations

import pathlib
import statistics

from audio_diffstride import evaluation_files
from audio_diffstride.sweep.results import Result


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
        evaluation = evaluation_files.read(workdir, split)
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
