"""The files of an evaluation in a run's folder: written, and read again.

    evaluation_SPLIT/scores.json    all scores of all tasks
    evaluation_SPLIT/TASK/          tables and pictures of a task

The folder appears as a whole: it holds all of the files, or is not there.
"""

from __future__ import annotations

import csv
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from audio_diffstride.datasets.kinds import (
    KINDS,
    ONE_LABEL,
    SEVERAL_LABELS,
    Kind,
)
from audio_diffstride.errors import UserError, shortened
from audio_diffstride.evaluation import plots
from audio_diffstride.files import atomic, json_files
from audio_diffstride.files.json_files import NUMBER
from audio_diffstride.runs import layout

if TYPE_CHECKING:  # its module needs seconds of TensorFlow
    from audio_diffstride.evaluation.inference import LabelledRecordings

_MAYBE = (*NUMBER, None)
_CLASS = {"class": str, "support": int} | dict.fromkeys(
    ("precision", "recall", "f1", "average_precision", "auroc"), _MAYBE
)
_OF_ALL = {
    "data": str,
    "split_name": str,
    "recordings": int,
    "groups": int,
    "classes": [str],
    "chance": NUMBER,
    "resampled": str,
    "absent": [str],
}
_SHAPES: dict[Kind, Any] = {
    ONE_LABEL: {
        **_OF_ALL,
        "accuracy": NUMBER,
        "balanced_accuracy": NUMBER,
        "top_k": {str: NUMBER},
        "intervals": {str: [NUMBER]},
        "per_class": [_CLASS],
        "confusion_matrix": [[int]],
    },
    SEVERAL_LABELS: {
        **_OF_ALL,
        "mean_average_precision": NUMBER,
        "recordings_average_precision": NUMBER,
        "auroc": _MAYBE,
        "f1": _MAYBE,
        "micro_f1": NUMBER,
        "threshold": NUMBER,
        "intervals": dict,
        "per_class": [
            _CLASS
            | {"known": int}
            | dict.fromkeys(
                ("average_precision_low", "average_precision_high"), _MAYBE
            )
        ],
    },
}
_SHAPE = {"split": str, "model": str, "tasks": {str: dict}}


def folder(workdir: str | os.PathLike[str], split: str) -> pathlib.Path:
    """The folder of the evaluation on a split."""
    return pathlib.Path(workdir) / layout.EVALUATION.format(split=split)


def read(workdir: str | os.PathLike[str], split: str) -> dict[str, Any] | None:
    """The scores of a run on a split; None if it is not evaluated.

    Raises:
        UserError: if the file is damaged.
    """
    path = folder(workdir, split) / layout.SCORES
    remedy = f"run evaluate.py --split={split} again"
    try:
        report = json_files.read(path, _SHAPE, remedy)
    except FileNotFoundError:
        return None
    for task, scores in report["tasks"].items():
        if problem := _problem(task, scores):
            raise UserError(f"{path} is damaged: {problem}; {remedy}")
    return report


def kind_of(scores: Mapping[str, Any]) -> Kind:
    """The kind of a task, by its scores. One label has no entry.

    Raises:
        KeyError: for a kind that does not exist.
    """
    return KINDS[scores.get("kind", ONE_LABEL.name)]


def headline(scores: Mapping[str, Any]) -> tuple[str, float]:
    """The score that stands for a task where there is room for one.

    >>> headline({"accuracy": 0.5})
    ('accuracy', 0.5)
    """
    name = _HEADLINES[kind_of(scores)]
    return name, scores[name]


_HEADLINES = {ONE_LABEL: "accuracy", SEVERAL_LABELS: "mean_average_precision"}


def _problem(task: str, scores: Mapping[str, Any]) -> str:
    """What is wrong with the scores of a task, or "" if nothing is."""
    name = f"tasks.{task}"
    if scores.get("kind", ONE_LABEL.name) not in [*KINDS]:
        return f"{name}.kind is {shortened(scores['kind'])}"
    shape = _SHAPES[kind_of(scores)]
    shared = {"shared_with_training": [str]}  # only where there is any
    shape = shape | (shared if shared.keys() & scores.keys() else {})
    if wrong := json_files.mismatch(scores, shape, name):
        return wrong
    matrix = scores.get("confusion_matrix", [])
    size = len(scores["classes"])
    sizes = {len(scores["per_class"]), len(matrix) or size}
    sizes |= {len(row) for row in matrix}
    if sizes != {size}:
        return f"not all of {name} is of its {size} classes"
    for edges in scores["intervals"].values():
        if edges is not None and (
            json_files.mismatch(edges, [NUMBER]) or len(edges) != 2
        ):
            return f"{name}.intervals are no pairs"
    return ""


def write(
    workdir: str | os.PathLike[str],
    report: Mapping[str, Any],
    recordings: Mapping[str, LabelledRecordings],
) -> pathlib.Path:
    """Writes an evaluation as numbers, tables and pictures.

    Args:
        workdir: of the run.
        report: "split", "tasks": {task: scores}, and how they were made.
        recordings: {task: the recordings of the scores}.

    Returns:
        The folder evaluation_SPLIT, with scores.json (the report) and one
        folder per task: classes.csv, confusion.csv and .png, curves.csv and
        .png, recordings.csv. It replaces that of an earlier evaluation. A task
        with several labels has no confusion.
    """
    path = folder(workdir, report["split"])
    with atomic.atomic_folder(path) as partial:
        for task, result in report["tasks"].items():
            (partial / task).mkdir()
            _write_task(partial / task, task, result, recordings[task])
        atomic.write_json(partial / layout.SCORES, report)
    return path


def _write_task(
    path: pathlib.Path,
    task: str,
    result: Mapping[str, Any],
    recordings: LabelledRecordings,
) -> None:
    classes, points = result["classes"], recordings.curves()
    for name, rows in (
        (layout.CLASSES, result["per_class"]),
        (layout.CURVES, points),
    ):
        atomic.write_rows(path / name, rows)
    if matrix := result.get("confusion_matrix"):
        _write_csv(
            path / layout.CONFUSION,
            ["true \\ predicted", *classes],
            ([name, *counts] for name, counts in zip(classes, matrix)),
        )
        picture = path / layout.CONFUSION_PLOT
        plots.draw_confusion(matrix, classes, task, picture)
    plots.draw_curves(points, task, path / layout.CURVES_PLOT)
    columns = ["file", "start_s", "group", "label", "predicted", "score"]
    _write_csv(
        path / layout.RECORDINGS,
        [*columns, *(f"p:{name}" for name in classes)],
        _recording_rows(recordings),
    )


def _recording_rows(recordings: LabelledRecordings) -> Iterator[list[object]]:
    probabilities = recordings.kind.probabilities(recordings.logits)
    decisions = recordings.kind.decide(recordings.logits)
    for index, label in enumerate(recordings.labels):
        yield [
            recordings.files[index],
            recordings.starts_s[index],
            recordings.groups[index],
            recordings.kind.name_labels(label, recordings.classes),
            recordings.kind.name_labels(decisions[index], recordings.classes),
            f"{recordings.kind.agreement(probabilities[index], label):.8g}",
            *(f"{p:.8g}" for p in probabilities[index]),
        ]


def _write_csv(
    path: pathlib.Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    # Not by keys: a class may have the name of another column.
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
