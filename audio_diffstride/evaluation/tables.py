"""Scores as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.errors import join_some
from audio_diffstride.evaluation.bootstrap import NUM_RESAMPLES
from audio_diffstride.evaluation.metrics import TOP_K
from audio_diffstride.evaluation.score_files import kind_of
from audio_diffstride.evaluation.several_labels import THRESHOLD
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
        results: {task: its scores}, of one kind or the other.
    """
    parts = []
    for kind, format_kind in (
        (ONE_LABEL, format_tasks),
        (SEVERAL_LABELS, format_several_labels),
    ):
        chosen = {t: r for t, r in results.items() if kind_of(r) is kind}
        if chosen:
            parts.append(format_kind(chosen))
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
    return "\n".join([*aligned(lines), "", *_describe_resamples(results)])


def format_several_labels(results: Mapping[str, Mapping[str, Any]]) -> str:
    """A line per task with several labels; see `several_labels`."""
    header = ["task", "mean avg. precision", "95 % interval", "by recording"]
    header += ["AUROC", f"F1 at {THRESHOLD:g}", "chance", "recordings"]
    lines = [header]
    for task, result in results.items():
        low, high = result["intervals"]["mean_average_precision"]
        lines.append(
            [
                task,
                _percent(result["mean_average_precision"]),
                f"{100 * low:.1f} to {_percent(high)}",
                _percent(result["recordings_average_precision"]),
                "-" if result["auroc"] is None else f"{result['auroc']:.3f}",
                "-" if result["f1"] is None else f"{result['f1']:.3f}",
                _percent(result["chance"]),
                str(result["recordings"]),
            ]
        )
    return "\n".join([*aligned(lines), "", *_describe_resamples(results)])


def _describe_resamples(
    results: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    resampled: dict[str, list[str]] = {}
    for task, result in results.items():
        what = result["resampled"]
        resampled.setdefault(f"the {result[what]} {what}", []).append(task)
    return [
        f"95 % intervals from {NUM_RESAMPLES:,} bootstrap resamples of {what} "
        f"({', '.join(tasks)})"
        for what, tasks in resampled.items()
    ]


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
