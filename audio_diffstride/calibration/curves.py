"""The best thresholds of every class of a task, and of all classes pooled."""

from __future__ import annotations

import dataclasses

import numpy as np

from audio_diffstride.calibration import thresholds
from audio_diffstride.calibration.temperature import Activation
from audio_diffstride.calibration.thresholds import EVIDENCE, Aim, Step
from audio_diffstride.datasets.kinds import NO_LABEL

# Which classes of a window can be kept, as `predict --top` says: its best one
# alone, or all of them.
TOPS = ("1", "all")


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
        for index in range(len(self.classes)):
            curve = self._curve(index, aim)
            step = thresholds.choose(curve.steps, curve.positives, aim)
            chosen.append(np.inf if step is None else step.threshold)
        return np.array(chosen)

    def highest(self, index: int, aim: Aim) -> float:
        """The highest precision or recall that a threshold of a class reaches.

        Args:
            index: of the class.
            aim: for either of them.
        """
        curve = self._curve(index, aim)
        of_precision = aim.score == "precision"
        return max(
            (
                step.right / (step.kept if of_precision else curve.positives)
                for step in curve.steps
            ),
            default=0.0,
        )

    def has_own(self, index: int, aim: Aim) -> bool:
        """Whether a class has a threshold of its own."""
        return self.classes[index].is_known and not aim.pooled

    def _curve(self, index: int, aim: Aim) -> Curve:
        return self.classes[index] if self.has_own(index, aim) else self.pooled


def top_of(task_activation: Activation, top: str) -> str:
    """Which of `TOPS` decides for a task, from the `--top` of a command.

    Classes of a sigmoid do not exclude each other, so all may be kept. From two
    classes on, the thresholds for all of them are near enough.
    """
    return "1" if task_activation == "softmax" and top == "1" else "all"


def candidates(scores: np.ndarray, top: str) -> np.ndarray:
    """Which classes of each window can be kept at all; see `TOPS`.

    >>> candidates(np.array([[0.1, 0.7, 0.2]]), "1").tolist()
    [[False, True, False]]
    """
    if top == "all":
        return np.ones(scores.shape, bool)
    best = scores.argmax(axis=1)
    return best[:, None] == np.arange(scores.shape[1])


def trace(
    scores: np.ndarray,
    truths: np.ndarray,
    recordings: np.ndarray,
    top: str,
    reported: np.ndarray | None = None,
) -> TaskCurves:
    """The curves of all classes.

    Args:
        scores: probabilities, of shape (windows, classes).
        truths: of the same shape; see `temperature`.
        recordings: the number of each window's recording, of shape (windows,).
        top: one of `TOPS`.
        reported: which classes may be detections, of shape (classes,). Others
            are not pooled. None is all.
    """
    chosen = candidates(scores, top)
    each = [
        _trace(chosen[:, i], scores[:, i], truths[:, i], recordings)
        for i in range(scores.shape[1])
    ]
    everything = np.ones(scores.shape[1], bool)
    places = everything if reported is None else reported
    pooled = _trace(
        chosen[:, places].ravel(),
        scores[:, places].ravel(),
        truths[:, places].ravel(),
        np.repeat(recordings, places.sum()),
    )
    return TaskCurves(each, pooled)


def _trace(
    candidate: np.ndarray,
    scores: np.ndarray,
    truths: np.ndarray,
    recordings: np.ndarray,
) -> Curve:
    true = truths == 1
    chosen = candidate & (truths != NO_LABEL)
    return Curve(
        len(np.unique(recordings[true])),
        int(true.sum()),
        thresholds.best_steps(scores[chosen], true[chosen]),
    )
