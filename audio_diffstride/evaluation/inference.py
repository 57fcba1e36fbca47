"""A model's logits for whole recordings or images, and their scores."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.image_batches import EvaluationImages
from audio_diffstride.datasets.images import Images
from audio_diffstride.datasets.kinds import (
    ONE_LABEL,
    SEVERAL_LABELS,
    Kind,
    are_known,
    has_labels,
)
from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import metrics, quick_scores, several_labels
from audio_diffstride.evaluation.pooling import pool_windows

# The scores and the curves of each kind.
METRICS: dict[Kind, Any] = {ONE_LABEL: metrics, SEVERAL_LABELS: several_labels}


def recording_logits(
    model: Any,
    clips: Clips | Images,
    evaluation_input: int | str,
    batch_size: int = 64,
    hop_samples: int = 0,
    pooling: str = "mean_logits",
) -> dict[str, np.ndarray]:
    """Logits of whole recordings: by default the weighted mean over windows.

    A recording is cut into windows from its first sample on. The last one is
    padded with zeros and weighs what it holds: a window of which 30 % is
    recording weighs 0.3. An image is a single input.

    Args:
        model: from a batch of inputs to {task: logits}, with the kinds of the
            tasks. Tasks without labels in the clips are left out.
        clips: the recordings or images.
        evaluation_input: the samples of a window; for images the name of the
            crop, see `image_batches`.
        batch_size: windows or images per batch.
        hop_samples: from one window to the next; 0 is the window's length.
        pooling: how a recording follows from its windows; see `pooling`.

    Returns:
        {task: array of shape (recordings, classes)}.
    """
    windows: Any
    if isinstance(clips, Images):
        windows = EvaluationImages(clips, str(evaluation_input), batch_size)
    else:
        windows = EvaluationWindows(
            clips, int(evaluation_input), batch_size, hop_samples
        )
    logits = window_logits(model, windows, clips.labels)
    return pool_windows(windows, logits, pooling, model.kinds)


def window_logits(
    model: Any,
    windows: EvaluationWindows | EvaluationImages,
    tasks: Iterable[str],
) -> dict[str, np.ndarray]:
    """Logits of windows, {task: array of shape (windows, classes)}."""
    num_windows, first_size = 0, 0
    batches = []
    for index in range(len(windows)):
        (inputs,) = windows[index]
        num_windows += len(inputs)
        first_size = first_size or len(inputs)
        # A short last batch would have the model compiled once more.
        missing = first_size - len(inputs)
        inputs = np.pad(inputs, [(0, missing)] + [(0, 0)] * (inputs.ndim - 1))
        # `predict` would build a data pipeline for every call.
        batches.append(model.predict_on_batch(inputs))
    return {
        task: np.concatenate([batch[task] for batch in batches])[:num_windows]
        for task in tasks
    }


@dataclasses.dataclass(frozen=True)
class LabelledRecordings:
    """Labelled recordings of one task, with logits.

    Attributes:
        classes: the names, by index.
        labels: class indices, of shape (recordings,). With several labels 1, 0
            and `NO_LABEL`, of shape (recordings, classes).
        logits: of shape (recordings, classes).
        files: the file of each, as text.
        starts_s: where in that file each begins.
        groups: the group of each, or "", as text.
        kind: of the task.
    """

    classes: list[str]
    labels: np.ndarray
    logits: np.ndarray
    files: np.ndarray
    starts_s: np.ndarray
    groups: np.ndarray
    kind: Kind = ONE_LABEL

    def quick_score(self, name: str) -> float:
        """One of `quick_scores.QUICK_SCORES`; cheap enough for every epoch.

        Raises:
            UserError: if a logit is not finite.
        """
        if name != "accuracy":
            check_finite(self.logits)
        score = quick_scores.QUICK_SCORES[self.kind][name]
        return score(self.labels, self.logits)

    def scores(self) -> dict[str, Any]:
        """All scores of the kind, as `metrics.scores` has those of one label.

        Raises:
            UserError: if a logit is not finite.
        """
        check_finite(self.logits)
        return METRICS[self.kind].scores(
            self.labels, self.logits, self.classes, self.groups
        )

    def curves(self) -> list[dict[str, Any]]:
        """Scores against the threshold; see `metrics.curves`."""
        return METRICS[self.kind].curves(self.labels, self.logits, self.classes)


def check_finite(logits: np.ndarray) -> None:
    """Refuses the logits of a training that diverged.

    Raises:
        UserError: if a logit is not finite.
    """
    if not np.isfinite(logits).all():
        raise UserError(
            "the model's output is not finite, its training diverged; "
            "evaluate its best model or train it with a lower rate"
        )


def label_recordings(
    model: Any,
    clips: Clips | Images,
    evaluation_input: int | str,
    batch_size: int = 64,
    **windows: Any,
) -> dict[str, LabelledRecordings]:
    """Logits and labels of recordings; for the arguments: `recording_logits`.

    Returns:
        {task: its labelled recordings}. A task without any is left out, and
        one with several labels where no recording has one.
    """
    recordings = {}
    logits = recording_logits(
        model, clips, evaluation_input, batch_size, **windows
    )
    for task, values in logits.items():
        labels = clips.labels[task]
        (chosen,) = np.nonzero(are_known(labels))
        if has_labels(labels):
            recordings[task] = LabelledRecordings(
                model.class_names[task],
                labels[chosen],
                values[chosen],
                clips.files[chosen],
                clips.starts_s[chosen],
                clips.groups[chosen],
                model.kinds[task],
            )
    return recordings


def evaluate(
    model: Any,
    clips: Clips | Images,
    evaluation_input: int | str,
    batch_size: int = 64,
    **windows: Any,
) -> dict[str, dict[str, Any]]:
    """Scores per task; for the arguments: `recording_logits`.

    Returns:
        {task: `LabelledRecordings.scores`}. A task without a labelled
        recording is left out.
    """
    recordings = label_recordings(
        model, clips, evaluation_input, batch_size, **windows
    )
    return {task: chosen.scores() for task, chosen in recordings.items()}


def check_classes(
    model: Any,
    data_name: str,
    tasks: Mapping[str, Sequence[str]],
    kinds: Mapping[str, Kind],
) -> None:
    """Refuses data with other classes than those of the model.

    Args:
        model: a `Classifier`.
        data_name: of the data set, for the message.
        tasks: {task: class names} of the data set.
        kinds: {task: its kind}.

    Raises:
        UserError: if the model lacks a task, or has it with other classes or
            of another kind.
    """
    for task, classes in tasks.items():
        if task in model.kinds and model.kinds[task] is not kinds[task]:
            raise UserError(
                f"the task {task} of {data_name} has {kinds[task].title}, and "
                f"the model was trained on {model.kinds[task].title}; evaluate "
                "on the data it was trained on, or train again"
            )
        if model.class_names.get(task) != list(classes):
            raise UserError(
                f"the task {task} of {data_name} is not the one that the "
                "model was trained on: its classes are others now; evaluate "
                "on the data it was trained on, or train again"
            )
