"""Checkpoints: the state of a run after an epoch, in one file.

    <sha256 of the rest, in hexadecimal, and a newline>
    <a NumPy archive: `about` as JSON, and the arrays in order>

The digest reveals any damage. For that case the checkpoint before is kept too.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import pathlib
from typing import Any

import numpy as np

from audio_diffstride.files import atomic
from audio_diffstride.runs import layout

MAX_CHECKPOINTS = 2


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """The state of a run after an epoch.

    Attributes:
        step: number of completed steps.
        history: the rows of history.csv so far.
        strides: the rows of strides.csv so far.
        best_score: the best monitored score so far, or None without one.
        state: every variable of the model and its optimiser, in order.
        best_state: the same at the epoch of the best score.
    """

    step: int
    history: list[dict]
    strides: list[dict]
    best_score: float | None
    state: list[np.ndarray]
    best_state: list[np.ndarray]


def write(folder: str | os.PathLike[str], checkpoint: Checkpoint) -> None:
    """Writes a checkpoint and removes all but the last two.

    Args:
        folder: the folder of the run's checkpoints.
        checkpoint: the state to write, completely or not at all.
    """
    best_is_now = checkpoint.best_state is checkpoint.state
    about = {
        "step": checkpoint.step,
        "history": checkpoint.history,
        "strides": checkpoint.strides,
        "best_score": checkpoint.best_score,
        "best_is_now": best_is_now,
    }
    arrays: dict[str, Any] = {
        f"state{i}": array for i, array in enumerate(checkpoint.state)
    }
    if not best_is_now:
        arrays |= {f"best{i}": a for i, a in enumerate(checkpoint.best_state)}
    archive = io.BytesIO()
    text = json.dumps(about, allow_nan=False).encode("utf-8")
    np.savez(archive, about=np.frombuffer(text, np.uint8), **arrays)
    content = archive.getbuffer()
    path = pathlib.Path(folder) / layout.CHECKPOINT.replace(
        "*", str(checkpoint.step)
    )
    with atomic.atomic_file(path) as partial:
        with open(partial, "wb") as file:
            file.write(hashlib.sha256(content).hexdigest().encode() + b"\n")
            file.write(content)
    for older in _newest_first(folder)[MAX_CHECKPOINTS:]:
        older.unlink()


def read_latest(folder: str | os.PathLike[str]) -> Checkpoint | None:
    """Reads the latest checkpoint that is not damaged, if there is one.

    Prints a line for each damaged one.
    """
    for path in _newest_first(folder):
        checkpoint = _read(path)
        if checkpoint is not None:
            return checkpoint
        print(f"{path} is damaged: using the checkpoint before it")
    return None


def latest_step(folder: str | os.PathLike[str]) -> int:
    """The step of the latest checkpoint, damaged or not; 0 without one."""
    return max(map(_step, _newest_first(folder)), default=0)


def remove(folder: str | os.PathLike[str]) -> None:
    """Removes all checkpoints, the latest last, and the empty folder."""
    folder = pathlib.Path(folder)
    for path in reversed(_newest_first(folder)):
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _newest_first(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    paths = pathlib.Path(folder).glob(layout.CHECKPOINT)
    return sorted((p for p in paths if _step(p) >= 0), key=_step, reverse=True)


def _step(path: pathlib.Path) -> int:
    number = path.stem.removeprefix("step-")
    return int(number) if number.isdecimal() else -1


def _read(path: pathlib.Path) -> Checkpoint | None:
    digest, _, content = path.read_bytes().partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != digest:
        return None
    try:
        return _unpack(content)
    except Exception:  # another program wrote it; it may raise any kind
        return None


def _unpack(content: bytes) -> Checkpoint:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        state = _in_order(arrays, "state")
        if "best_accuracy" in about:  # of an earlier version
            about["best_score"] = about.pop("best_accuracy")
        best_is_now = about.pop("best_is_now")
        best_state = state if best_is_now else _in_order(arrays, "best")
    return Checkpoint(**about, state=state, best_state=best_state)


def _in_order(arrays: Any, name: str) -> list[np.ndarray]:
    count = sum(key.startswith(name) for key in arrays)
    return [arrays[f"{name}{index}"] for index in range(count)]
