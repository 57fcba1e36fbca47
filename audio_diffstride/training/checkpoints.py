"""Checkpoints: all of a run at the end of an epoch, in one file.

    <sha256 of the rest, in hexadecimal, and a newline>
    <a NumPy archive: `about` as JSON, and the numbers in order>

The digest tells a damaged file, whatever damaged it; the one before it is kept
for that case.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import pathlib

import numpy as np

from audio_diffstride.files import atomic

PATTERN = "step-*.checkpoint"
KEPT = 2


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A run at the end of an epoch.

    Attributes:
        step: the steps that are done.
        history: the rows of history.csv until then.
        strides: the rows of strides.csv.
        best_accuracy: the highest validation accuracy until then.
        state: every variable of the model and its optimiser, in order.
        best_state: the same, when the accuracy was the best.
    """

    step: int
    history: list[dict]
    strides: list[dict]
    best_accuracy: float
    state: list[np.ndarray]
    best_state: list[np.ndarray]


def write(folder, checkpoint: Checkpoint):
    """Writes a checkpoint, whole or not at all; removes all but the last two.

    Args:
        folder: of the run's checkpoints.
        checkpoint: what is to be kept.
    """
    best_is_now = checkpoint.best_state is checkpoint.state
    about = {
        "step": checkpoint.step,
        "history": checkpoint.history,
        "strides": checkpoint.strides,
        "best_accuracy": checkpoint.best_accuracy,
        "best_is_now": best_is_now,
    }
    arrays = {f"state{i}": array for i, array in enumerate(checkpoint.state)}
    if not best_is_now:
        arrays |= {f"best{i}": a for i, a in enumerate(checkpoint.best_state)}
    archive = io.BytesIO()
    text = json.dumps(about, allow_nan=False).encode("utf-8")
    np.savez(archive, about=np.frombuffer(text, np.uint8), **arrays)
    content = archive.getbuffer()
    path = pathlib.Path(folder) / PATTERN.replace("*", str(checkpoint.step))
    with atomic.atomic_path(path) as partial:
        with open(partial, "wb") as file:
            file.write(hashlib.sha256(content).hexdigest().encode() + b"\n")
            file.write(content)
    for older in _newest_first(folder)[KEPT:]:
        older.unlink()


def read_latest(folder) -> Checkpoint | None:
    """The latest checkpoint that is whole, or None.

    Damaged ones are told on the standard output.
    """
    for path in _newest_first(folder):
        checkpoint = _read(path)
        if checkpoint is not None:
            return checkpoint
        print(f"{path} is damaged: going back to the one before it")
    return None


def latest_step(folder) -> int:
    """The step of the latest checkpoint, whole or not; 0 without one."""
    return max(map(_step, _newest_first(folder)), default=0)


def remove(folder):
    """Removes all checkpoints, the latest last."""
    for path in reversed(_newest_first(folder)):
        path.unlink()
    if pathlib.Path(folder).is_dir() and not any(
        pathlib.Path(folder).iterdir()
    ):
        pathlib.Path(folder).rmdir()


def _newest_first(folder) -> list[pathlib.Path]:
    paths = pathlib.Path(folder).glob(PATTERN)
    return sorted((p for p in paths if _step(p) >= 0), key=_step, reverse=True)


def _step(path: pathlib.Path) -> int:
    number = path.stem.removeprefix("step-")
    return int(number) if number.isdecimal() else -1


def _read(path: pathlib.Path) -> Checkpoint | None:
    digest, _, content = path.read_bytes().partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != digest:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        state = _in_order(arrays, "state")
        best_is_now = about.pop("best_is_now")
        best_state = state if best_is_now else _in_order(arrays, "best")
    return Checkpoint(**about, state=state, best_state=best_state)


def _in_order(arrays, name: str) -> list[np.ndarray]:
    count = sum(key.startswith(name) for key in arrays)
    return [arrays[f"{name}{index}"] for index in range(count)]
