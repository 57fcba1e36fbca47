"""The machine is described on every system; Linux alone knows all of it."""

import os
import pathlib

import pytest

from audio_diffstride.runs import hardware


def test_on_linux_all_is_known():
    found = hardware.describe()
    assert found["cores"] == len(os.sched_getaffinity(0))
    assert found["memory_gib"] > 0.1 and found["cpu"] and found["devices"]


@pytest.mark.parametrize("system", ["macOS", "Windows"])
def test_on_other_systems_a_run_starts_too(system, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    if system == "Windows":
        monkeypatch.delattr(os, "sysconf")

    def missing(path, encoding):
        raise FileNotFoundError(path)

    monkeypatch.setattr(pathlib.Path, "read_text", missing)
    found = hardware.describe()
    assert found["cores"] == os.cpu_count()
    assert (found["memory_gib"] is None) == (system == "Windows")
