"""From the logits of windows to those of whole recordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from audio_diffstride.datasets.image_batches import EvaluationImages
from audio_diffstride.datasets.windows import EvaluationWindows


def pool_windows(
    windows: EvaluationWindows | EvaluationImages,
    logits: Mapping[str, np.ndarray],
    pooling: str = "mean_logits",
) -> dict[str, np.ndarray]:
    """The logits of recordings, from those of their windows.

    Args:
        windows: with the recording and the weight of each window.
        logits: {task: array of shape (windows, classes)}.
        pooling: "mean_logits", "mean_probabilities" or "max_logits": see
            `evaluation.pooling` of a config. With "mean_probabilities" the
            result is the logarithm of the mean probabilities, whose softmax
            they are.

    Returns:
        {task: array of shape (recordings, classes)}.
    """
    first = np.unique(windows.clip_of_window, return_index=True)[1]
    total = np.add.reduceat(windows.weights, first)
    weights = windows.weights / total[windows.clip_of_window]
    pool = _POOLINGS[pooling]
    return {
        task: pool(values, weights[:, None], first)
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


_POOLINGS: dict[str, Callable[..., np.ndarray]] = {
    "mean_logits": _mean_logits,
    "mean_probabilities": _mean_probabilities,
    "max_logits": _max_logits,
}
