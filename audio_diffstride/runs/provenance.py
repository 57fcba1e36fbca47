"""Where a run comes from: run.json, the first file of a run.

    config    as resolved
    data      name and fingerprint of every clip store
    starts    an entry for every time it began or went on: date, step,
              command, code, backend, workers, packages, hardware
    finished  the date of its end, or null

Nothing else says whether a work directory holds a run, and which.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys

import audio_diffstride
from audio_diffstride import backends
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic

# What decides the numbers that a run ends with, beside the backend.
PACKAGES = (
    "keras",
    "numpy",
    "librosa",
    "soundfile",
    "soxr",
    "pillow",
    "ml_collections",
)
ALONE = {"devices": 1, "processes": 1}
_FIELDS = ("config", "data", "starts", "finished")


def read(workdir) -> dict | None:
    """The content of run.json, or None if there is none.

    Raises:
        UserError: if it is damaged.
    """
    path = pathlib.Path(workdir) / "run.json"
    try:
        run = json.loads(path.read_text("utf-8"))
        return {name: run[name] for name in _FIELDS}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is damaged ({error!r}); give another --workdir, or "
            "--overwrite to begin anew"
        ) from error


def inputs(config, stores) -> dict:
    """What a run is made from, as run.json keeps it: config and data."""
    return {
        "config": json.loads(config.to_json_best_effort()),
        "data": [
            {"name": store.name, "fingerprint": store.fingerprint}
            for store in stores
        ],
    }


def add_start(workdir, step: int, config, stores, workers=ALONE):
    """Records that the run begins, or goes on, now.

    Args:
        workdir: of the run.
        step: the steps that are done.
        config: as resolved.
        stores: the clip stores it is trained on.
        workers: how many devices, of how many processes, share its batches.
    """
    run = {
        **inputs(config, stores),
        **(read(workdir) or {"starts": [], "finished": None}),
    }
    start = {
        "date": _now(),
        "step": step,
        "command": shlex.join(sys.argv),
        "audio_diffstride": audio_diffstride.__version__,
        "git": git_revision(pathlib.Path(__file__).parents[2]),
        "python": platform.python_version(),
        "backend": backends.name(),
        "workers": workers,
        "packages": {
            package: importlib.metadata.version(package)
            for package in (*backends.packages(), *PACKAGES)
        },
        "hardware": hardware(),
    }
    _tell_other_versions(run["starts"], start)
    run["starts"].append(start)
    atomic.write_json(pathlib.Path(workdir) / "run.json", run)


def add_finish(workdir):
    """Records that the run has come to its end."""
    run = {**read(workdir), "finished": _now()}
    atomic.write_json(pathlib.Path(workdir) / "run.json", run)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _tell_other_versions(starts, start):
    """Other software computes other last bits."""
    for name, version in start["packages"].items():
        before = starts[-1]["packages"].get(name) if starts else version
        if before != version:
            print(
                f"this run began with {name} {before} and goes on with "
                f"{version}: it may end with other numbers"
            )


def git_revision(folder: pathlib.Path) -> str | None:
    """The commit that a checkout is at, "-dirty" if changed since; or None.

    Args:
        folder: the top of what may be a checkout.
    """
    if not (folder / ".git").exists():
        return None
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"]
            + ["--exclude=*"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def hardware() -> dict[str, object]:
    """The processor, the cores this process may use, memory and devices."""
    memory_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "machine": platform.platform(),
        "cpu": _cpu_model() or platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_bytes / 2**30, 1),
        "devices": backends.devices(),
    }


def _cpu_model() -> str | None:
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return None
    names = (line.partition(":") for line in lines)
    return next((v.strip() for k, _, v in names if "model name" in k), None)
