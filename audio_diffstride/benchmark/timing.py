"""Comparable times: medians of interleaved repetitions."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Callable

import numpy as np


def interleaved(
    steps: dict[str, Callable[[], object]], repetitions: int, warm_up: int = 2
) -> dict[str, float]:
    """The median seconds of each step; see `in_turns`.

    Args:
        steps: {name: function without arguments that returns when done}.
        repetitions: how often each is timed.
        warm_up: rounds before that.

    Returns:
        {name: seconds}.
    """

    def timed(step: Callable[[], object]) -> float:
        begin = time.perf_counter()
        step()
        return time.perf_counter() - begin

    stopwatches: dict[str, Callable[[], float]] = {
        name: functools.partial(timed, step) for name, step in steps.items()
    }
    return in_turns(stopwatches, repetitions, warm_up)


def in_turns(
    measures: dict[str, Callable[[], float]], repetitions: int, warm_up: int
) -> dict[str, float]:
    """The median of each measure over repetitions.

    The measures take turns, so other load on the machine slows all of them
    alike. Ratios within one call are reliable even where times are not.

    Args:
        measures: {name: function without arguments that returns a number}.
        repetitions: how often each is measured.
        warm_up: rounds before that, which trace, compile and fill caches.

    Returns:
        {name: number}.
    """
    numbers: dict[str, list[float]] = {name: [] for name in measures}
    for repetition in range(-warm_up, repetitions):
        for name, measure in measures.items():
            number = measure()
            if repetition >= 0:
                numbers[name].append(number)
    return {name: statistics.median(of) for name, of in numbers.items()}


def matmul_rate(
    dtype: str = "float32", size: int = 2048, repetitions: int = 5
) -> float:
    """Multiply-adds per second of large matrix products on this machine.

    The matrices are noise, because a GPU is faster on constants. Four products
    in a row, each of the one before, hide the time of calls and transfers.

    Args:
        dtype: of the factors.
        size: side of the square matrices. A GPU needs large ones.
        repetitions: how often four products are timed.
    """
    from keras import ops

    noise = np.random.default_rng(0).normal(0, size**-0.5, (size, size))
    a = ops.cast(ops.convert_to_tensor(noise.astype("float32")), dtype)

    def products() -> None:
        y = a
        for _ in range(4):
            y = ops.matmul(a, y)
        float(y[0, 0])

    seconds = interleaved({"products": products}, repetitions)["products"]
    return 4 * size**3 / seconds
