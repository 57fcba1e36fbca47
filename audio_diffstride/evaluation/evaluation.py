"""Whole recordings, their windows' logits averaged, or images; then scored."""

from __future__ import annotations

import csv
import dataclasses
import pathlib

import numpy as np

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.image_batches import EvaluationImages
from audio_diffstride.datasets.images import Images
from audio_diffstride.datasets.store_files import NO_LABEL
from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import metrics, plots, score_files
from audio_diffstride.files import atomic
from audio_diffstride.runs import layout


def recording_logits(
    model, clips: Clips | Images, shown: int | str, batch_size: int = 64
) -> dict[str, np.ndarray]:
    """Logits of whole recordings, the weighted mean over their windows.

    A recording is cut into consecutive windows from its first sample. The
    last one is padded with zeros and weighs what it holds: a window of which
    30 % is recording weighs 0.3. An image is shown once.

    Args:
        model: from a batch of inputs to {task: logits}; tasks that the clips
            have no labels for are left out.
        clips: the recordings or images.
        shown: length of a window, in samples; of images the name of the crop,
            see `image_batches`.
        batch_size: windows or images per batch.

    Returns:
        {task: array of shape (recordings, classes)}.
    """
    of_images = isinstance(clips, Images)
    make = EvaluationImages if of_images else EvaluationWindows
    windows = make(clips, shown, batch_size)
    # Not `predict`, which makes a data pipeline of its own for every call.
    batches = [model.predict_on_batch(*windows[i]) for i in range(len(windows))]
    logits = {
        task: np.concatenate([batch[task] for batch in batches])
        for task in clips.labels
    }
    return mean_over_windows(windows, logits)


def mean_over_windows(
    windows: EvaluationWindows | EvaluationImages, logits: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The logits of recordings from those of their windows."""
    first = np.unique(windows.clip_of_window, return_index=True)[1]
    total = np.add.reduceat(windows.weights, first)
    weights = windows.weights / total[windows.clip_of_window]
    return {
        task: np.add.reduceat(values * weights[:, None], first, axis=0)
        for task, values in logits.items()
    }


@dataclasses.dataclass(frozen=True)
class LabelledRecordings:
    """The recordings with a label for a task, and a model's word on them.

    Attributes:
        classes: the names, by index.
        labels: class indices, of shape (recordings,).
        logits: of shape (recordings, classes).
        files: the file each came from.
        starts_s: where in that file it begins.
        groups: of each, or "".
    """

    classes: list[str]
    labels: np.ndarray
    logits: np.ndarray
    files: list[str]
    starts_s: list[float]
    groups: list[str]

    def accuracy(self) -> float:
        """The share recognised; cheap, for every epoch."""
        return float((self.logits.argmax(axis=1) == self.labels).mean())

    def scores(self) -> dict:
        """All of `metrics.scores`.

        Raises:
            UserError: if a logit is not finite.
        """
        if not np.isfinite(self.logits).all():
            raise UserError(
                "the model's output is not finite, its training diverged; "
                "evaluate its best model or train it with a lower rate"
            )
        return metrics.scores(
            self.labels, self.logits, self.classes, self.groups
        )


def label_recordings(
    model, clips: Clips | Images, shown: int | str, batch_size: int = 64
) -> dict[str, LabelledRecordings]:
    """Applies a model to recordings; see `recording_logits` for the arguments.

    Returns:
        {task: its labelled recordings}; a task without any is left out.
    """
    recordings = {}
    logits = recording_logits(model, clips, shown, batch_size)
    for task, values in logits.items():
        (chosen,) = np.nonzero(clips.labels[task] != NO_LABEL)
        if len(chosen):
            recordings[task] = LabelledRecordings(
                model.class_names[task],
                clips.labels[task][chosen],
                values[chosen],
                [clips.files[index] for index in chosen],
                [clips.starts_s[index] for index in chosen],
                [clips.groups[index] for index in chosen],
            )
    return recordings


def evaluate(
    model, clips: Clips | Images, shown: int | str, batch_size: int = 64
) -> dict[str, dict]:
    """Scores per task over the recordings that have a label for it.

    Returns:
        {task: `metrics.scores`}; a task without a labelled recording is left
        out.
    """
    recordings = label_recordings(model, clips, shown, batch_size)
    return {task: chosen.scores() for task, chosen in recordings.items()}


def check_classes(model, data_name: str, tasks: dict[str, list[str]]):
    """Refuses data whose class indices mean something else to the model.

    Args:
        model: a `Classifier`.
        data_name: of the data set, for the message.
        tasks: {task: class names} of the data set.

    Raises:
        UserError: if the model lacks a task or has it with other classes.
    """
    for task, classes in tasks.items():
        if model.class_names.get(task) != list(classes):
            raise UserError(
                f"the task {task} of {data_name} is not the one that the "
                "model was trained on: its classes are others now; evaluate "
                "on the data it was trained on, or train again"
            )


def write(
    workdir, report: dict, recordings: dict[str, LabelledRecordings]
) -> pathlib.Path:
    """Writes what was found, as numbers, tables and pictures.

    Args:
        workdir: of the run.
        report: "split", "tasks": {task: scores}, and whatever else says how
            they came about.
        recordings: {task: what the scores are of}.

    Returns:
        The folder evaluation_SPLIT, with scores.json (the report) and one
        folder per task: classes.csv, confusion.csv and .png, curves.csv and
        .png, recordings.csv. What an earlier evaluation left is replaced.
    """
    folder = score_files.folder(workdir, report["split"])
    with atomic.atomic_path(folder) as partial:
        partial.mkdir()
        for task, result in report["tasks"].items():
            (partial / task).mkdir()
            _write_task(partial / task, task, result, recordings[task])
        atomic.write_json(partial / layout.SCORES, report)
    return folder


def _write_task(folder, task: str, result: dict, recordings):
    classes = result["classes"]
    _write_csv(
        folder / layout.CLASSES,
        list(result["per_class"][0]),
        (row.values() for row in result["per_class"]),
    )
    _write_csv(
        folder / layout.CONFUSION,
        ["true \\ predicted", *classes],
        (
            [name, *counts]
            for name, counts in zip(classes, result["confusion_matrix"])
        ),
    )
    plots.draw_confusion(
        result["confusion_matrix"],
        classes,
        task,
        folder / layout.CONFUSION_PLOT,
    )
    points = metrics.curves(recordings.labels, recordings.logits, classes)
    _write_csv(
        folder / layout.CURVES, list(points[0]), (p.values() for p in points)
    )
    plots.draw_curves(points, task, folder / layout.CURVES_PLOT)
    columns = ["file", "start_s", "group", "label", "predicted", "score"]
    _write_csv(
        folder / layout.RECORDINGS,
        [*columns, *(f"p:{name}" for name in classes)],
        _recording_rows(recordings),
    )


def _recording_rows(recordings: LabelledRecordings):
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


def _write_csv(path: pathlib.Path, header: list[str], rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
