"""The labelled validation windows of a run, cut as `predict` cuts them."""

from __future__ import annotations

from typing import Any

import numpy as np

from audio_diffstride.calibration.fitting import LabelledWindows
from audio_diffstride.calibration.thresholds import EVIDENCE
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.kinds import NO_LABEL, ONE_LABEL, Kind
from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.evaluation import bootstrap, inference
from audio_diffstride.terminal.notices import note

SPLIT = "validation"


def label(
    model: Any, clips: Clips, window_samples: int
) -> dict[str, LabelledWindows]:
    """Logits and labels of all windows of the clips.

    Windows follow one another from the start of a clip, the last one padded
    with zeros. Each has the labels of its clip. A line says of a task that it
    has too few recordings; it is left out.

    Args:
        model: an `AudioClassifier`.
        clips: with labels of some of its tasks.
        window_samples: length of a window.
    """
    windows = EvaluationWindows(clips, window_samples, batch_size=64)
    logits = inference.window_logits(model, windows, clips.labels)
    units, unit = _units(clips)
    found = {}
    for task, values in logits.items():
        inference.check_finite(values)
        classes = model.class_names[task]
        kind = model.kinds[task]
        truths = _truths(kind, clips.labels[task], len(classes))
        truths = truths[windows.clip_of_window]
        chosen = (truths != NO_LABEL).any(axis=1)
        recordings = windows.clip_of_window[chosen]
        count = len(np.unique(recordings))
        if count < EVIDENCE or len(np.unique(units[recordings])) < 2:
            note(
                f"{task} is not calibrated: of its {count} validation "
                f"recordings, {EVIDENCE} in several files are needed"
            )
            continue
        found[task] = LabelledWindows(
            classes,
            np.asarray(values[chosen], float),
            truths[chosen],
            recordings,
            units[recordings],
            unit,
            kind.activation,
        )
    return found


def _truths(kind: Kind, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """1, 0 or `NO_LABEL` of each clip and class.

    Args:
        kind: of the task.
        labels: of the task, in the form of its kind.
        num_classes: of the task.

    >>> _truths(ONE_LABEL, np.array([1, NO_LABEL]), 3).tolist()
    [[0, 1, 0], [-1, -1, -1]]
    """
    if kind is not ONE_LABEL:
        return labels
    truths = labels[:, None] == np.arange(num_classes)
    return np.where(labels[:, None] == NO_LABEL, NO_LABEL, truths)


def _units(clips: Clips) -> tuple[np.ndarray, str]:
    """What is left out together: the number of each clip's, and its name."""
    if len({name for name in clips.groups if name}) > 1:
        names = [
            f"group {group}" if group else f"file {file}"
            for group, file in zip(clips.groups, clips.files)
        ]
        return bootstrap.number_units(names), "groups"
    return bootstrap.number_units(clips.files.tolist()), "files"
