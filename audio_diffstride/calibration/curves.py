"""The best thresholds of every class of a task, and of all classes pooled."""

from __future__ import annotations

import dataclasses

import numpy as np

from audio_diffstride.calibration import thresholds
from audio_diffstride.calibration.thresholds import EVIDENCE, Aim, Step
from audio_diffstride.datasets.store_files import NO_LABEL


@dataclasses.dataclass(frozen=True)
class Curve:
    """The best thresholds of one class.

    Attributes:
        recordings: how many recordings have the class.
        positives: how many windows have it.
        steps: of `thresholds.best_steps`.
    """

    recordings: int
    positives: int
    steps: list[Step]

    @property
    def is_known(self) -> bool:
        """Whether there are recordings enough for a threshold."""
        return self.recordings >= EVIDENCE


@dataclasses.dataclass(frozen=True)
class TaskCurves:
    """The curves of a task.

    Attributes:
        classes: of each class, by index.
        pooled: of all classes together. It stands in for a class of too few
            recordings.
    """

    classes: list[Curve]
    pooled: Curve

    def thresholds(self, aim: Aim) -> np.ndarray:
        """The threshold of each class; infinite where none reaches the aim."""
        chosen = []
        for curve in self.classes:
            if not curve.is_known:
                curve = self.pooled
            step = thresholds.choose(curve.steps, curve.positives, aim)
            chosen.append(np.inf if step is None else step.threshold)
        return np.array(chosen)

    def highest_precision(self, index: int) -> float:
        """The highest precision that a threshold of a class reaches."""
        curve = self.classes[index]
        steps = (curve if curve.is_known else self.pooled).steps
        return max((step.right / step.kept for step in steps), default=0.0)


def trace(
    scores: np.ndarray, truths: np.ndarray, recordings: np.ndarray
) -> TaskCurves:
    """The curves of all classes.

    Args:
        scores: probabilities, of shape (windows, classes).
        truths: of the same shape; see `temperature`.
        recordings: the number of each window's recording, of shape (windows,).
    """
    each = [
        _trace(s, t, recordings)
        for s, t in zip(scores.T, truths.T, strict=True)
    ]
    repeated = np.repeat(recordings, truths.shape[1])
    return TaskCurves(each, _trace(scores.ravel(), truths.ravel(), repeated))


def _trace(
    scores: np.ndarray, truths: np.ndarray, recordings: np.ndarray
) -> Curve:
    known = truths != NO_LABEL
    true = truths == 1
    return Curve(
        len(np.unique(recordings[true])),
        int(true.sum()),
        thresholds.best_steps(scores[known], true[known]),
    )
