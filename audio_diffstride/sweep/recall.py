"""recall.csv: the mean recall of every class, one column per arm."""

from __future__ import annotations

import os
import pathlib
import statistics
from typing import Any

from audio_diffstride.evaluation import score_files
from audio_diffstride.sweep.results import Result

FILE = "recall.csv"


def rows(
    folder: str | os.PathLike[str], results: list[Result], split: str
) -> list[dict[str, Any]]:
    """One row per task and class. Empty if a work directory is missing.

    Args:
        folder: of the sweep.
        results: of its runs.
        split: that the runs were evaluated on.

    Returns:
        task and class
        ARM: the mean recall over its runs that were tested on the class, from
            0 to 1. "" if none was.
    """
    arms = dict.fromkeys(result.run.arm for result in results)
    # {(task, class): {arm: recalls}}
    recalls: dict[tuple[str, str], dict[str, list[float]]] = {}
    for result in results:
        workdir = pathlib.Path(folder) / result.run.name
        evaluation = score_files.read(workdir, split)
        if evaluation is None:
            return []
        for task, scores in evaluation["tasks"].items():
            for entry in scores["per_class"]:
                of_arms = recalls.setdefault((task, entry["class"]), {})
                if entry["recall"] is not None:
                    of_arm = of_arms.setdefault(result.run.arm, [])
                    of_arm.append(entry["recall"])
    return [
        {"task": task, "class": name}
        | {arm: _rounded_mean(of_arms.get(arm)) for arm in arms}
        for (task, name), of_arms in recalls.items()
    ]


def _rounded_mean(values: list[float] | None) -> float | str:
    return round(statistics.mean(values), 4) if values else ""
