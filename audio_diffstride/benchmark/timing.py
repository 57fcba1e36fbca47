"""Times that can be compared: medians of interleaved repetitions."""

from __future__ import annotations

import statistics
import time


def interleaved(steps: dict, repetitions: int, warm_up: int = 2) -> dict:
    """Seconds of each step, the median over repetitions.

    The steps take turns, so that whatever else the machine does meets all of
    them alike: ratios of one call can be trusted where times cannot.

    Args:
        steps: {name: function without arguments that returns when done}.
        repetitions: how often each is timed.
        warm_up: rounds before that, which trace, compile and fill caches.

    Returns:
        {name: seconds}.
    """
    times = {name: [] for name in steps}
    for repetition in range(-warm_up, repetitions):
        for name, step in steps.items():
            begin = time.perf_counter()
            step()
            if repetition >= 0:
                times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def matmul_rate(size: int = 2048, repetitions: int = 5) -> float:
    """Multiply-adds per second of a large float32 matrix product here."""
    from keras import ops

    a = ops.ones((size, size), "float32")
    product = {"": lambda: float(ops.matmul(a, a)[0, 0])}
    return size**3 / interleaved(product, repetitions)[""]
