"""Noise with which a page checks the browser, and what a model says of it."""

from __future__ import annotations

from typing import Any

import numpy as np


def noise(count: int) -> np.ndarray:
    """Noise of whole numbers that gets quieter, equal on every machine.

    The page makes the same in JavaScript.

    Args:
        count: how many samples.

    Returns:
        int16, of shape (count,).

    >>> noise(4).tolist()
    [-8636, -1071, 8, 104]
    """
    samples = np.empty(count, np.int16)
    state = 1
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        samples[i] = ((state >> 16) - 32768) >> (1 + 8 * i // count)
    return samples


def expected_logits(model: Any, window_samples: int) -> dict[str, list[float]]:
    """The logits of an `AudioClassifier` for the noise, by task."""
    logits = model.predict_on_batch(noise(window_samples)[None])
    return {task: values[0].tolist() for task, values in logits.items()}
