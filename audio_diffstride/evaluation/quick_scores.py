"""Scores that are cheap enough for every epoch, each a single number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from audio_diffstride.datasets.kinds import (
    NO_LABEL,
    ONE_LABEL,
    SEVERAL_LABELS,
    Kind,
)


def accuracy(labels: np.ndarray, logits: np.ndarray) -> float:
    """The share of right predictions.

    Args:
        labels: class indices, of shape (recordings,), at least one.
        logits: of shape (recordings, classes).

    >>> accuracy(np.array([0, 1]), np.array([[2.0, 1.0], [2.0, 1.0]]))
    0.5
    """
    return float((logits.argmax(axis=1) == labels).mean())


def balanced_accuracy(labels: np.ndarray, logits: np.ndarray) -> float:
    """The mean recall over the classes that are there; see `accuracy`.

    >>> logits = np.array([[2.0, 1.0], [2.0, 1.0], [2.0, 1.0]])
    >>> balanced_accuracy(np.array([0, 0, 1]), logits)
    0.5
    """
    right = logits.argmax(axis=1) == labels
    return float(np.mean([right[labels == c].mean() for c in set(labels)]))


def average_precision(labels: np.ndarray, logits: np.ndarray) -> float:
    """The mean average precision over the classes that are there.

    For each class, recordings are ranked by its probability; see `accuracy`.

    >>> logits = np.array([[2.0, 1.0], [0.0, 1.0], [3.0, 1.0]])
    >>> average_precision(np.array([0, 1, 0]), logits)
    1.0
    """
    from sklearn import metrics  # takes a second

    probabilities = ONE_LABEL.probabilities(logits)
    return float(
        np.mean(
            [
                metrics.average_precision_score(
                    labels == c, probabilities[:, c]
                )
                for c in set(labels)
            ]
        )
    )


def loss(labels: np.ndarray, logits: np.ndarray) -> float:
    """The mean cross-entropy in nats; see `accuracy`.

    >>> round(loss(np.array([0]), np.array([[0.0, 0.0]])), 3)
    0.693
    """
    logits = np.asarray(logits, float)
    of_label = logits[np.arange(len(labels)), labels]
    return float((np.logaddexp.reduce(logits, axis=1) - of_label).mean())


def mean_average_precision(labels: np.ndarray, logits: np.ndarray) -> float:
    """The mean average precision over the classes that are there.

    Args:
        labels: 1, 0 and `NO_LABEL`, of shape (recordings, classes), with a 1.
        logits: of the same shape.

    >>> logits = np.array([[2.0, 1.0], [0.0, 1.0], [3.0, 1.0]])
    >>> mean_average_precision(np.array([[1, 0], [-1, 0], [0, 0]]), logits)
    0.5
    """
    from sklearn import metrics  # takes a second

    known = labels != NO_LABEL
    precisions = [
        metrics.average_precision_score(
            labels[known[:, c], c], logits[known[:, c], c]
        )
        for c in np.flatnonzero((labels == 1).any(axis=0))
    ]
    return float(np.mean(precisions))


def binary_loss(labels: np.ndarray, logits: np.ndarray) -> float:
    """The mean binary cross-entropy over all that is known, in nats.

    >>> round(binary_loss(np.array([[1, -1]]), np.array([[0.0, 9.0]])), 3)
    0.693
    """
    logits = np.asarray(logits, float)
    each = np.logaddexp(0, np.where(labels == 1, -logits, logits))
    return float(each[labels != NO_LABEL].mean())


# By their names for `training.monitor`.
QUICK_SCORES: dict[
    Kind, dict[str, Callable[[np.ndarray, np.ndarray], float]]
] = {
    ONE_LABEL: {
        "accuracy": accuracy,
        "balanced_accuracy": balanced_accuracy,
        "average_precision": average_precision,
        "loss": loss,
    },
    SEVERAL_LABELS: {
        "average_precision": mean_average_precision,
        "loss": binary_loss,
    },
}
