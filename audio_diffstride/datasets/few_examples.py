"""Few training examples of every class, drawn at random."""

from __future__ import annotations

import numpy as np

from audio_diffstride.datasets import streams
from audio_diffstride.datasets.kinds import NO_LABEL


def draw(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Draws at most `count` examples of each class.

    A draw depends on the labels and the seed only. A draw of more examples has
    those of the draw of fewer with the same seed.

    Args:
        labels: class index of each example, or `NO_LABEL`, which is not drawn.
        count: how many of each class. A class with fewer has all of its own.
        seed: of the draw, >= 0.

    Returns:
        Indices of examples, ascending.

    >>> labels = np.array([0, 0, 1, 0, NO_LABEL])
    >>> labels[draw(labels, 1, seed=0)].tolist()
    [0, 1]
    """
    rng = streams.of_step(seed, streams.Purpose.EXAMPLES, 0)
    order = rng.permutation(len(labels))
    of_class = labels[order]
    drawn = [
        order[of_class == index][:count]
        for index in np.unique(labels[labels != NO_LABEL])
    ]
    return np.sort(np.concatenate([order[:0], *drawn]))
