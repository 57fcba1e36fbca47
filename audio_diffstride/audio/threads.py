"""Read many recordings in threads, in order, a few ahead of their use.

Threads help because decoding and resampling release Python's lock. More
threads than cores would only wait for that lock.
"""

from __future__ import annotations

import collections
import concurrent.futures
import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_MAX_AHEAD = 64

_T = TypeVar("_T")
_R = TypeVar("_R")


def num_cores() -> int:
    """The cores that this process may use; outside Linux, all there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_ahead(
    items: Iterable[_T], read: Callable[[_T], _R]
) -> Iterator[tuple[_T, _R]]:
    """Calls a function in threads, a few items ahead.

    Memory does not grow with the number of items.

    Args:
        items: recordings, or paths.
        read: called in a thread with each.

    Yields:
        (item, what `read` returned), in the order of the items.
    """
    with concurrent.futures.ThreadPoolExecutor(num_cores()) as pool:
        ahead: collections.deque = collections.deque()
        for item in items:
            ahead.append((item, pool.submit(read, item)))
            if len(ahead) > _MAX_AHEAD:
                done, future = ahead.popleft()
                yield done, future.result()
        for done, future in ahead:
            yield done, future.result()
