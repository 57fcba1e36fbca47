"""From the logits of windows to those of whole recordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from audio_diffstride.datasets.image_batches import EvaluationImages
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS, Kind
from audio_diffstride.datasets.windows import EvaluationWindows


def pool_windows(
    windows: EvaluationWindows | EvaluationImages,
    logits: Mapping[str, np.ndarray],
    pooling: str = "mean_logits",
    kinds: Mapping[str, Kind] | None = None,
) -> dict[str, np.ndarray]:
    """The logits of recordings, from those of their windows.

    Args:
        windows: with the recording and the weight of each window.
        logits: {task: array of shape (windows, classes)}.
        pooling: "mean_logits", "mean_probabilities" or "max_logits": see
            `evaluation.pooling` of a config. With "mean_probabilities" the
            result are logits of the mean probabilities, whose softmax or
            sigmoid they are.
        kinds: {task: its kind}; None is one label for all.

    Returns:
        {task: array of shape (recordings, classes)}.
    """
    first = np.unique(windows.clip_of_window, return_index=True)[1]
    total = np.add.reduceat(windows.weights, first)
    weights = windows.weights / total[windows.clip_of_window]
    kinds = kinds or {}
    return {
        task: _POOLINGS[kinds.get(task, ONE_LABEL)][pooling](
            values, weights[:, None], first
        )
        for task, values in logits.items()
    }


def _mean_logits(
    logits: np.ndarray, weights: np.ndarray, first: np.ndarray
) -> np.ndarray:
    return np.add.reduceat(logits * weights, first, axis=0)


def _mean_probabilities(
    logits: np.ndarray, weights: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """The logarithm of the mean; no probability is too small for it."""
    logits = np.asarray(logits, float)
    with np.errstate(invalid="ignore"):  # who reads them refuses nan
        total = np.logaddexp.reduce(logits, axis=1, keepdims=True)
        weighted = logits - total + np.log(weights)
        return np.logaddexp.reduceat(weighted, first, axis=0)


def _max_logits(
    logits: np.ndarray, weights: np.ndarray, first: np.ndarray
) -> np.ndarray:
    return np.maximum.reduceat(np.asarray(logits, float), first, axis=0)


def _mean_sigmoids(
    logits: np.ndarray, weights: np.ndarray, first: np.ndarray
) -> np.ndarray:
    """The logit of the mean; no probability is too small for it."""
    logits = np.asarray(logits, float)
    with np.errstate(invalid="ignore"):  # who reads them refuses nan
        log_p, log_q = (
            np.logaddexp.reduceat(
                np.log(weights) - np.logaddexp(0, -sign * logits), first, axis=0
            )
            for sign in (1, -1)
        )
        return log_p - log_q


_Pool = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
_OF_BOTH: dict[str, _Pool] = {
    "mean_logits": _mean_logits,
    "max_logits": _max_logits,
}
_POOLINGS: dict[Kind, dict[str, _Pool]] = {
    ONE_LABEL: {**_OF_BOTH, "mean_probabilities": _mean_probabilities},
    SEVERAL_LABELS: {**_OF_BOTH, "mean_probabilities": _mean_sigmoids},
}
