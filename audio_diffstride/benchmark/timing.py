"""Times that can be compared: medians of interleaved repetitions."""

from __future__ import annotations

import functools
import statistics
import time

import numpy as np


def interleaved(steps: dict, repetitions: int, warm_up: int = 2) -> dict:
    """Seconds of each step, the median over repetitions; see `in_turns`.

    Args:
        steps: {name: function without arguments that returns when done}.
        repetitions: how often each is timed.
        warm_up: rounds before that.

    Returns:
        {name: seconds}.
    """

    def timed(step):
        begin = time.perf_counter()
        step()
        return time.perf_counter() - begin

    stopwatches = {n: functools.partial(timed, s) for n, s in steps.items()}
    return in_turns(stopwatches, repetitions, warm_up)


def in_turns(measures: dict, repetitions: int, warm_up: int) -> dict:
    """The median of what each measures, over repetitions.

    They take turns, so that whatever else the machine does meets all of them
    alike: ratios of one call can be trusted where times cannot.

    Args:
        measures: {name: function without arguments that returns a number}.
        repetitions: how often each is called for its number.
        warm_up: rounds before that, which trace, compile and fill caches.

    Returns:
        {name: number}.
    """
    numbers = {name: [] for name in measures}
    for repetition in range(-warm_up, repetitions):
        for name, measure in measures.items():
            number = measure()
            if repetition >= 0:
                numbers[name].append(number)
    return {name: statistics.median(of) for name, of in numbers.items()}


def matmul_rate(
    dtype: str = "float32", size: int = 2048, repetitions: int = 5
) -> float:
    """Multiply-adds per second of large matrix products here.

    Of noise, for a GPU is faster on constants; and several in a row, each of
    the one before, so that neither calling nor reading counts.

    Args:
        dtype: of the factors.
        size: of all three matrices; a GPU needs a large one.
        repetitions: how often four products are timed.
    """
    from keras import ops

    noise = np.random.default_rng(0).normal(0, size**-0.5, (size, size))
    a = ops.cast(ops.convert_to_tensor(noise.astype("float32")), dtype)

    def products():
        y = a
        for _ in range(4):
            y = ops.matmul(a, y)
        float(y[0, 0])

    return 4 * size**3 / interleaved({"": products}, repetitions)[""]
