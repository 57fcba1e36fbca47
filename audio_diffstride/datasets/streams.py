"""Random streams of a run: independent for every purpose, step and row.

A stream depends on nothing else. So a resumed run draws the same numbers, and
processes that share a batch draw what one process would.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

import numpy as np


class Purpose(enum.IntEnum):
    """What the numbers of a stream are for: the second word of its key.

    A number never changes its meaning: the batches of earlier runs depend on
    it.
    """

    ORDER = 0
    VARIATION = 1
    GAIN_AND_NOISE = 2
    MIXING = 3
    TIME_SHIFT = 4
    MASKS = 5
    BACKGROUND = 6
    SPEED = 7
    EXAMPLES = 8


def of_step(seed: int, purpose: Purpose, step: int) -> np.random.Generator:
    """The stream of a step, or of a pass, for the whole batch.

    >>> numbers = of_step(0, Purpose.MASKS, 7).random(3)
    >>> bool((of_step(0, Purpose.MASKS, 7).random(3) == numbers).all())
    True
    """
    return np.random.Generator(
        np.random.Philox(key=[seed, int(purpose)], counter=[0, 0, 0, step])
    )


def of_row(
    seed: int, purpose: Purpose, step: int, row: int
) -> np.random.Generator:
    """The stream of a row of a batch, for many numbers.

    SFC64 draws Gaussian numbers in three quarters of the time of Philox.
    """
    key = [seed, int(purpose), step, row]
    return np.random.Generator(np.random.SFC64(key))


def of_rows(
    seed: int, purpose: Purpose, step: int, rows: Iterable[int], count: int
) -> np.ndarray:
    """A few numbers for each row, uniform in [0, 1).

    A row gets the same numbers whichever rows are drawn with it.

    Returns:
        An array of shape (rows, count).
    """
    chosen = np.fromiter(rows, np.int64)
    most = int(chosen.max(initial=-1)) + 1
    return of_step(seed, purpose, step).random((most, count))[chosen]
