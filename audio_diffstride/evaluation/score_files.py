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

from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import metrics, plots
from audio_diffstride.files import atomic, json_files
from audio_diffstride.files.json_files import NUMBER
from audio_diffstride.runs import layout

if TYPE_CHECKING:  # its module needs seconds of TensorFlow
    from audio_diffstride.evaluation.inference import LabelledRecordings


_MAYBE = (*NUMBER, None)
_CLASS = {"class": str, "support": int} | dict.fromkeys(
    ("precision", "recall", "f1", "average_precision", "auroc"), _MAYBE
)
_SHAPE = {
    "split": str,
    "model": str,
    "tasks": {
        str: {
            "data": str,
            "split_name": str,
            "recordings": int,
            "groups": int,
            "classes": [str],
            "accuracy": NUMBER,
            "chance": NUMBER,
            "balanced_accuracy": NUMBER,
            "top_k": {str: NUMBER},
            "intervals": {str: [NUMBER]},
            "resampled": str,
            "per_class": [_CLASS],
            "absent": [str],
            "confusion_matrix": [[int]],
        }
    },
}


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
        size = len(scores["classes"])
        sizes = {len(scores["per_class"]), len(scores["confusion_matrix"])}
        sizes |= {len(row) for row in scores["confusion_matrix"]}
        if sizes != {size}:
            raise UserError(
                f"{path} is damaged: not all of tasks.{task} is of its {size} "
                f"classes; {remedy}"
            )
        if {len(edges) for edges in scores["intervals"].values()} - {2}:
            raise UserError(
                f"{path} is damaged: tasks.{task}.intervals are no pairs; "
                f"{remedy}"
            )
    return report


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
        .png, recordings.csv. It replaces that of an earlier evaluation.
    """
    path = folder(workdir, report["split"])
    with atomic.atomic_path(path) as partial:
        partial.mkdir()
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
    classes, matrix = result["classes"], result["confusion_matrix"]
    points = metrics.curves(recordings.labels, recordings.logits, classes)
    for name, rows in (("classes", result["per_class"]), ("curves", points)):
        atomic.write_rows(path / f"{name}.csv", rows)
    _write_csv(
        path / layout.CONFUSION,
        ["true \\ predicted", *classes],
        ([name, *counts] for name, counts in zip(classes, matrix)),
    )
    plots.draw_confusion(matrix, classes, task, path / layout.CONFUSION_PLOT)
    plots.draw_curves(points, task, path / "curves.png")
    columns = ["file", "start_s", "group", "label", "predicted", "score"]
    _write_csv(
        path / layout.RECORDINGS,
        [*columns, *(f"p:{name}" for name in classes)],
        _recording_rows(recordings),
    )


def _recording_rows(recordings: LabelledRecordings) -> Iterator[list[object]]:
    probabilities = metrics.probabilities(recordings.logits)
    for index, label in enumerate(recordings.labels):
        numbers = [f"{p:.8g}" for p in probabilities[index]]
        yield [
            recordings.files[index],
            recordings.starts_s[index],
            recordings.groups[index],
            recordings.classes[label],
            recordings.classes[recordings.logits[index].argmax()],
            numbers[label],
            *numbers,
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
