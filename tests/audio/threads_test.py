"""Reading ahead keeps the order, bounds what waits, and passes errors on."""

import threading
import time

import pytest

from audio_diffstride.audio import threads


def test_results_come_in_the_order_of_the_items():
    def read(item):
        time.sleep(0.002 * (item % 3))
        return item**2

    found = list(threads.read_ahead(range(200), read))
    assert found == [(item, item**2) for item in range(200)]


def test_only_a_few_items_are_read_ahead():
    taken = []

    def items():
        for item in range(1000):
            taken.append(item)
            yield item

    reader = threads.read_ahead(items(), lambda item: item)
    next(reader)
    assert len(taken) < 100


def test_no_more_threads_than_cores(monkeypatch):
    monkeypatch.setattr(threads, "num_cores", lambda: 3)
    names = set()

    def read(item):
        time.sleep(0.001)
        names.add(threading.current_thread().name)

    list(threads.read_ahead(range(50), read))
    assert 1 <= len(names) <= 3


def test_an_error_reaches_the_caller():
    def read(item):
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"):
        next(threads.read_ahead([0, 1], read))
