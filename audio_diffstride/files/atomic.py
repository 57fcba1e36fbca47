"""Files and folders that appear complete or not at all."""

from __future__ import annotations

import contextlib
import csv
import errno
import json
import os
import pathlib
import secrets
import shutil
from collections.abc import Iterator
from typing import Any

import filelock

_LOCK = ".lock"
_OCCUPIED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields a temporary path that becomes `path` when the block succeeds.

    The caller writes a file there. If the block fails, the temporary file is
    removed and what was at `path` is unchanged.

    The temporary name is beside the final one and keeps its suffix. Each call
    has its own, so several machines may write the same file at once.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial_path(path)
    try:
        yield partial
        _to_disk(partial)
        os.replace(partial, path)
    finally:
        _remove(partial)


@contextlib.contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[pathlib.Path]:
    """Yields a new folder that becomes `path` when the block succeeds.

    As `atomic_file`, with two differences. It takes the place of a folder that
    is there. And it first removes what killed processes left of the same
    folder: those hold no lock any more.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(path)
    partial, old = _partial_path(path), _partial_path(path)
    with _locked(partial):
        try:
            partial.mkdir()
            yield partial
            _replace_folder(partial, path, old)
        finally:
            _remove(partial)
            _remove(old)


@contextlib.contextmanager
def _locked(partial: pathlib.Path) -> Iterator[None]:
    lock = filelock.FileLock(f"{partial}{_LOCK}")
    with lock:
        try:
            yield
        finally:
            pathlib.Path(lock.lock_file).unlink(missing_ok=True)


def _remove_abandoned(path: pathlib.Path) -> None:
    """Removes the folders of `path` whose lock nobody holds."""
    for held in path.parent.glob(f"{_partial_name(path, '*')}{_LOCK}"):
        with contextlib.suppress(filelock.Timeout):
            with filelock.FileLock(held, blocking=False):
                _remove(held.with_name(held.name.removesuffix(_LOCK)))
                held.unlink(missing_ok=True)


def _replace_folder(
    folder: pathlib.Path, path: pathlib.Path, old: pathlib.Path
) -> None:
    """Moves what is at `path` to `old`, and the folder to `path`.

    These are two steps. Another process may put its own folder at `path`
    between them; then both steps repeat, and the last folder stays.
    """
    while True:
        try:
            os.replace(folder, path)
            return
        except OSError as error:
            if error.errno not in _OCCUPIED:
                raise
        _remove(old)
        with contextlib.suppress(FileNotFoundError):
            os.rename(path, old)


def remove_partials(path: str | os.PathLike[str]) -> None:
    """Removes the temporary files that killed processes left.

    Call it only if no other process writes the file now.

    Args:
        path: the final path, or a glob pattern of it.
    """
    path = pathlib.Path(path)
    for partial in path.parent.glob(_partial_name(path, "*")):
        _remove(partial)


def _partial_path(path: pathlib.Path) -> pathlib.Path:
    return path.with_name(_partial_name(path, secrets.token_hex(8)))


def _partial_name(path: pathlib.Path, call: str) -> str:
    return f".{path.stem}.partial-{call}{path.suffix}"


def _to_disk(path: pathlib.Path) -> None:
    """Without this a power cut after the rename may leave an empty file."""
    with open(path, "r+b") as file:  # Windows syncs only what can be written
        os.fsync(file.fileno())


def _remove(path: pathlib.Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Writes a text file, complete or not at all."""
    with atomic_file(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def write_rows(
    path: str | os.PathLike[str], rows: list[dict[str, Any]]
) -> None:
    """Writes a CSV with the keys of the first row as its header."""
    with atomic_file(path) as partial:
        with open(partial, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Writes a JSON file, complete or not at all."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")
