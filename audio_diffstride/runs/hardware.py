"""The machine that a run or a benchmark is on.

Linux says more than other systems do. What a system does not say is None, or
the next best thing.
"""

from __future__ import annotations

import os
import pathlib
import platform

from audio_diffstride import backends
from audio_diffstride.audio.threads import num_cores


def describe() -> dict[str, object]:
    """The processor, the usable cores, the memory and the devices."""
    return {
        "machine": platform.platform(),
        "cpu": _cpu_model() or platform.processor(),
        "cores": num_cores(),
        "memory_gib": _memory_gib(),
        "devices": backends.devices(),
    }


def _memory_gib() -> float | None:
    """None on Windows."""
    try:
        pages, page = (
            os.sysconf(name) for name in ("SC_PHYS_PAGES", "SC_PAGE_SIZE")
        )
    except (AttributeError, ValueError):
        return None
    return round(pages * page / 2**30, 1)


def _cpu_model() -> str | None:
    """None outside Linux."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return None
    names = (line.partition(":") for line in lines)
    return next((v.strip() for k, _, v in names if "model name" in k), None)
