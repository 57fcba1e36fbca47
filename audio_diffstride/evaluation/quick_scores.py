"""Scores that are cheap enough for every epoch, each a single number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from audio_diffstride.evaluation import metrics


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
    from sklearn import metrics as sklearn_metrics  # takes a second

    probabilities = metrics.probabilities(logits)
    return float(
        np.mean(
            [
                sklearn_metrics.average_precision_score(
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


# By their names for `training.monitor`.
QUICK_SCORES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "average_precision": average_precision,
    "loss": loss,
}
