"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import errno
import json
import os
import pathlib
import secrets
import shutil

_OCCUPIED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


@contextlib.contextmanager
def atomic_path(path):
    """Yields a path to write to, which becomes `path` once all went well.

    The temporary name lies beside the final one, keeps its suffix, and is of
    this call alone: several machines may write the same file at once. It may
    be written as a file or made a folder; what is there of it when the block
    fails is removed, and what stood at `path` before is then still there.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial, aside = (
        path.with_name(_partial_name(path, secrets.token_hex(8)))
        for _ in range(2)
    )
    try:
        yield partial
        if partial.is_dir():
            _replace_folder(partial, path, aside)
        else:
            _to_disk(partial)
            os.replace(partial, path)
    finally:
        _remove(partial)
        _remove(aside)


def _replace_folder(folder: pathlib.Path, path: pathlib.Path, aside):
    """Puts a folder in the place of what is at `path`, which goes `aside`.

    No step does both at once, and another process may come in between with
    its own: the last one stays.
    """
    while True:
        try:
            return os.replace(folder, path)
        except OSError as error:
            if error.errno not in _OCCUPIED:
                raise
        _remove(aside)
        with contextlib.suppress(FileNotFoundError):
            os.rename(path, aside)


def remove_partials(path):
    """Removes what killed processes left of `path`, which may be a pattern.

    Only for who knows that no other process is writing it now.
    """
    path = pathlib.Path(path)
    for partial in path.parent.glob(_partial_name(path, "*")):
        _remove(partial)


def _partial_name(path: pathlib.Path, call: str) -> str:
    return f".{path.stem}.partial-{call}{path.suffix}"


def _to_disk(path: pathlib.Path):
    """Before it is renamed: else a power cut may leave an empty file."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _remove(path: pathlib.Path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path, text: str):
    """Writes a text file whole or not at all."""
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_rows(path, rows: list[dict]):
    """Writes a CSV with the keys of the first row as its header."""
    with atomic_path(path) as partial:
        with open(partial, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)


def write_json(path, value):
    """Writes a JSON file whole or not at all."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")
