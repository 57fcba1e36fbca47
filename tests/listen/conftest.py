"""What the tests of listening share: an untrained run, and a pipe as stdin."""

import os
import sys
import threading

import numpy as np
import pytest

from tests.support.predicted import write_workdir


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    return write_workdir(tmp_path_factory.mktemp("run"))


@pytest.fixture
def pipe_in(monkeypatch):
    """Makes a pipe of bytes standard input; a thread writes them in pieces."""
    files = []

    def pipe_in(data, before_end=lambda: None, seed=0):
        reading, writing = os.pipe()
        files.append(os.fdopen(reading))
        monkeypatch.setattr(sys, "stdin", files[-1])
        sizes = np.random.default_rng(seed)

        def write():
            start = 0
            while start < len(data):
                size = int(sizes.integers(1, 20000))
                os.write(writing, data[start : start + size])
                start += size
            before_end()
            os.close(writing)

        threading.Thread(target=write, daemon=True, name="pipe").start()

    yield pipe_in
    for thread in threading.enumerate():
        if thread.name == "pipe":
            thread.join(timeout=60)
    for file in files:
        file.close()
