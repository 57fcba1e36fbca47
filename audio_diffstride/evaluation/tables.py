"""Scores as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audio_diffstride.errors import join_some
from audio_diffstride.evaluation.bootstrap import NUM_RESAMPLES
from audio_diffstride.evaluation.metrics import TOP_K
from audio_diffstride.terminal.text_table import aligned

MAX_CLASSES = 20  # of more, only the worst have a line
WORST_CLASSES = 10

_PER_CLASS = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "average_precision": "avg. precision",
    "auroc": "AUROC",
}


def format_scores(results: Mapping[str, Mapping[str, Any]]) -> str:
    """All tables: the tasks, then the classes of each task.

    Args:
        results: {task: what `metrics.scores` returns}.
    """
    parts = [format_tasks(results)]
    parts += [format_classes(task, r) for task, r in results.items()]
    return "\n\n".join(parts)


def format_tasks(results: Mapping[str, Mapping[str, Any]]) -> str:
    """A line per task, and what its interval resamples.

    >>> print(format_tasks({"digit": {
    ...     "accuracy": 0.98, "balanced_accuracy": 0.97, "chance": 0.1,
    ...     "top_k": {"3": 1.0}, "recordings": 300, "groups": 6,
    ...     "intervals": {"accuracy": [0.96, 0.99]},
    ...     "resampled": "groups"}}))
    task   accuracy   95 % interval  balanced    top-3  chance  recordings
    ----------------------------------------------------------------------
    digit    98.0 %  96.0 to 99.0 %    97.0 %  100.0 %  10.0 %         300
    <BLANKLINE>
    95 % intervals from 1,000 bootstrap resamples of the 6 groups (digit)
    """
    header = ["task", "accuracy", "95 % interval", "balanced"]
    header += [f"top-{TOP_K}", "chance", "recordings"]
    lines = [header]
    for task, result in results.items():
        low, high = result["intervals"]["accuracy"]
        top = result["top_k"].get(str(TOP_K))
        lines.append(
            [
                task,
                _percent(result["accuracy"]),
                f"{100 * low:.1f} to {_percent(high)}",
                _percent(result["balanced_accuracy"]),
                "-" if top is None else _percent(top),
                _percent(result["chance"]),
                str(result["recordings"]),
            ]
        )
    resampled: dict[str, list[str]] = {}
    for task, result in results.items():
        what = result["resampled"]
        resampled.setdefault(f"the {result[what]} {what}", []).append(task)
    notes = [
        f"95 % intervals from {NUM_RESAMPLES:,} bootstrap resamples of {what} "
        f"({', '.join(tasks)})"
        for what, tasks in resampled.items()
    ]
    return "\n".join([*aligned(lines), "", *notes])


def format_classes(task: str, result: Mapping[str, Any]) -> str:
    """A line per class of a task, or only the worst of many by F1.

    Classes without a recording are named below the table.
    """
    classes = [row for row in result["per_class"] if row["support"]]
    title = f"{task}: "
    if len(classes) > MAX_CLASSES:
        title += f"the {WORST_CLASSES} worst of {len(classes)} classes by F1"
        classes = sorted(classes, key=lambda row: row["f1"])[:WORST_CLASSES]
    else:
        title += f"{len(classes)} classes"
    lines = [["class", *_PER_CLASS.values(), "recordings"]]
    for row in classes:
        numbers = [
            "-" if row[column] is None else f"{row[column]:.3f}"
            for column in _PER_CLASS
        ]
        lines.append([row["class"], *numbers, str(row["support"])])
    parts = [title, *aligned(lines)]
    if result["absent"]:
        parts.append(
            "without a recording in this split: "
            + join_some(result["absent"], MAX_CLASSES)
        )
    return "\n".join(parts)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
