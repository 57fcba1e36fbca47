"""Where a run comes from: run.json, the first file of a run.

    config    the resolved config
    data      name and fingerprint of every clip store, and of the model that
              the run starts from
    starts    an entry for every start or resumption: date, step, command,
              code, backend, workers, packages, hardware
    finished  the date of the end, or null
    stopped_early  the step where early stopping ended the run; others lack it

This file alone says whether a work directory holds a run, and which one.
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
from collections.abc import Sequence
from typing import Any, Protocol

import ml_collections

import audio_diffstride
from audio_diffstride import backends
from audio_diffstride.files import atomic, json_files
from audio_diffstride.runs import hardware, layout

# With the backend's packages, they decide the last bits of a run's numbers.
PACKAGES = (
    "keras",
    "numpy",
    "soundfile",
    "soxr",
    "pillow",
    "ml_collections",
)
SINGLE_WORKER = {"devices": 1, "processes": 1}
REMEDY = "train the run again, or restore the file"
_SHAPE = {
    "config": dict,
    "data": [{"name": str, "fingerprint": str}],
    "starts": [{"date": str, "step": int}],
    "finished": (str, None),
}


class Input(Protocol):
    """What decides the numbers of a run, besides its config."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    @property
    def fingerprint(self) -> str:
        """A hash of its content."""


def read(
    workdir: str | os.PathLike[str], remedy: str = REMEDY
) -> dict[str, Any] | None:
    """Reads run.json.

    Args:
        workdir: the run's work directory.
        remedy: what to do if the file is damaged, for the message.

    Returns:
        Its content, or None if there is no such file.

    Raises:
        UserError: if the file is damaged.
    """
    path = pathlib.Path(workdir) / layout.PROVENANCE
    try:
        return json_files.read(path, _SHAPE, remedy)
    except FileNotFoundError:
        return None


def is_finished(workdir: str | os.PathLike[str]) -> bool:
    """Whether the training of a run has ended."""
    run = read(workdir)
    return run is not None and run["finished"] is not None


def stopped_early(workdir: str | os.PathLike[str]) -> int | None:
    """The step where early stopping ended a run; None for all others.

    Raises:
        UserError: if run.json is damaged.
    """
    step = (read(workdir) or {}).get("stopped_early")
    return step if isinstance(step, int) else None


def inputs(
    config: ml_collections.ConfigDict, of_run: Sequence[Input]
) -> dict[str, Any]:
    """The entries "config" and "data" of run.json."""
    return {
        "config": json.loads(config.to_json_best_effort()),
        "data": [
            {"name": one.name, "fingerprint": one.fingerprint} for one in of_run
        ],
    }


def add_start(
    workdir: str | os.PathLike[str],
    step: int,
    config: ml_collections.ConfigDict,
    of_run: Sequence[Input],
    workers: dict[str, int] = SINGLE_WORKER,
) -> None:
    """Records that the run starts or resumes now.

    Args:
        workdir: of the run.
        step: number of completed steps.
        config: the resolved config.
        of_run: the clip stores to train on, and all else that decides the
            numbers.
        workers: {"devices": n, "processes": n} that share every batch.
    """
    run = {
        **inputs(config, of_run),
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
        "hardware": hardware.describe(),
    }
    _warn_of_other_versions(run["starts"], start)
    run["starts"].append(start)
    atomic.write_json(pathlib.Path(workdir) / layout.PROVENANCE, run)


def add_finish(
    workdir: str | os.PathLike[str], stopped_early: int | None = None
) -> None:
    """Records that the training of the run has ended.

    Args:
        workdir: of the run.
        stopped_early: the step, if early stopping ended it.
    """
    run = {**(read(workdir) or {}), "finished": _now()}
    if stopped_early is not None:
        run["stopped_early"] = stopped_early
    atomic.write_json(pathlib.Path(workdir) / layout.PROVENANCE, run)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _warn_of_other_versions(
    starts: list[dict[str, Any]], start: dict[str, Any]
) -> None:
    """Other software computes other last bits."""
    for name, version in start["packages"].items():
        before = starts[-1]["packages"].get(name) if starts else version
        if before != version:
            print(
                f"this run began with {name} {before} and resumes with "
                f"{version}: its numbers may differ"
            )


def git_revision(folder: pathlib.Path) -> str | None:
    """The commit of a checkout, with "-dirty" if files have changed.

    Args:
        folder: the top folder of a checkout; else the result is None.
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
