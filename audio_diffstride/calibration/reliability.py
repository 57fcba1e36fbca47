"""Whether probabilities are what they say: bins, and the calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from audio_diffstride.calibration.temperature import Activation
from audio_diffstride.datasets.kinds import NO_LABEL

NUM_BINS = 15  # as in Guo et al., 2017


class Bin(NamedTuple):
    """Answers of nearly equal confidence.

    Attributes:
        answers: how many.
        confidence: their mean confidence.
        right: the share of them that is right.
    """

    answers: int
    confidence: float
    right: float


def answers(
    scores: np.ndarray, truths: np.ndarray, activation: Activation
) -> tuple[np.ndarray, np.ndarray]:
    """The confidence of every answer, and whether it is right.

    With softmax a window has one answer, its most probable class. With sigmoid
    every known class of a window is an answer.

    Args:
        scores: probabilities, of shape (windows, classes).
        truths: of the same shape; see `temperature`.
        activation: that made the scores.

    Returns:
        Two arrays of shape (answers,).
    """
    if activation == "sigmoid":
        known = truths != NO_LABEL
        return scores[known], truths[known] == 1
    best = scores.argmax(axis=1)[:, None]
    rows = (np.take_along_axis(a, best, axis=1)[:, 0] for a in (scores, truths))
    confidence, truth = rows
    return confidence, truth == 1


def bins(
    confidence: np.ndarray, right: np.ndarray, num_bins: int = NUM_BINS
) -> list[Bin]:
    """Answers by confidence, in bins of equal width; empty bins are left out.

    >>> for found in bins(np.array([0.95, 0.97, 0.2]), np.array([1, 0, 0]), 2):
    ...     print(found)
    Bin(answers=1, confidence=0.2, right=0.0)
    Bin(answers=2, confidence=0.96, right=0.5)
    """
    place = np.minimum((confidence * num_bins).astype(int), num_bins - 1)
    count, total, hits = (
        np.bincount(place, weights, minlength=num_bins)
        for weights in (None, confidence, right)
    )
    return [
        Bin(int(n), float(c / n), float(r / n))
        for n, c, r in zip(count, total, hits)
        if n
    ]


def calibration_error(found: Sequence[Bin]) -> float:
    """The expected calibration error: the mean distance over all answers.

    >>> round(calibration_error([Bin(1, 0.2, 0.0), Bin(3, 0.9, 1.0)]), 6)
    0.125
    """
    total = sum(b.answers for b in found)
    apart = (b.answers * abs(b.confidence - b.right) for b in found)
    return sum(apart) / total
