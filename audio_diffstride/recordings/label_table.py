"""The recordings that a CSV lists: a row each, read with suspicion.

Whatever would quietly become another class, another split or another
recording than was meant is refused, with its row.
"""

from __future__ import annotations

import csv
import os
import pathlib
import re

from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings.recording import (
    SPLIT_NAMES,
    Recording,
    checked_name,
)

_RESERVED = ("path", "split", "group", "start_s", "end_s")


def read(path: pathlib.Path, tasks=()) -> list[Recording]:
    """The recordings of a CSV; see `manifest.read`.

    Args:
        path: the CSV, in UTF-8.
        tasks: the columns to predict; none is all that are not reserved.

    Raises:
        UserError: for what cannot be understood or contradicts itself, naming
            the file and the row.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a CSV in UTF-8: {error}") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    columns = rows[0] if rows else []
    tasks = _task_columns(path, columns, tasks)
    recordings, first = [], {}
    for number, cells in enumerate(rows[1:], start=2):
        if not cells:  # a blank line
            continue
        where = f"{path}, row {number}"
        if len(cells) != len(columns):
            raise UserError(
                f"{where}: {len(cells)} columns, not {len(columns)}"
            )
        row = dict(zip(columns, cells))
        recording = _read_row(where, path.parent, row, tasks)
        key = (
            os.path.normpath(recording.path),
            recording.start_s,
            recording.end_s,
        )
        before, other = first.setdefault(key, (number, recording))
        if other is not recording:
            raise UserError(
                f"{where}: the same recording as in row {before}"
                f"{_conflict(other, recording)}; remove one of them"
            )
        recordings.append(recording)
    return recordings


def _conflict(one: Recording, other: Recording) -> str:
    """What two rows say differently."""
    differs = [
        name
        for name in ("labels", "split", "group")
        if getattr(one, name) != getattr(other, name)
    ]
    return f", with another {' and '.join(differs)}" if differs else ""


def _task_columns(path, columns: list[str], tasks) -> tuple[str, ...]:
    if "path" not in columns:
        raise UserError(
            f"{path} has no column 'path' among its columns "
            f"({join_some(columns, 10)}); the separator must be a comma"
        )
    if len(set(columns)) < len(columns):
        raise UserError(f"{path} has two columns of the same name")
    for name in columns:
        if not name:
            raise UserError(f"{path} has a column called ''; rename it")
        checked_name(f"{path}, header", name)
    there = tuple(name for name in columns if name not in _RESERVED)
    missing = [task for task in tasks if task not in there]
    if missing:
        raise UserError(
            f"{path} has no column {missing[0]!r} to predict; it has "
            f"{join_some(there, 10)}"
        )
    if not there:
        raise UserError(f"{path} has no column with labels beside 'path'")
    for task in tasks or there:
        # Folders, losses and layers are named after it.
        if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", task):
            raise UserError(
                f"{path} has a task called {task!r}; rename the column to "
                "letters from a to z, digits, '_', '-' and '.', or leave it "
                "out by --config.data.tasks"
            )
    return tuple(tasks) or there


def _read_row(where: str, folder: pathlib.Path, row, tasks) -> Recording:
    if not row["path"]:
        raise UserError(f"{where}: 'path' is empty")
    if "\0" in row["path"]:
        raise UserError(f"{where}: 'path' holds a NUL")
    labels = {
        task: checked_name(where, row[task]) for task in tasks if row[task]
    }
    if not labels:
        raise UserError(f"{where}: no label in {', '.join(tasks)}")
    split = row.get("split") or ""
    if split and split not in SPLIT_NAMES:
        raise UserError(
            f"{where}: 'split' must be train, validation or test, not {split!r}"
        )
    start_s = _seconds(where, row, "start_s")
    end_s = _seconds(where, row, "end_s")
    if end_s is not None and end_s <= (start_s or 0.0):
        raise UserError(
            f"{where}: 'end_s' ({end_s:g}) must be more than 'start_s' "
            f"({start_s or 0:g})"
        )
    return Recording(
        path=folder / row["path"],
        labels=labels,
        split=SPLIT_NAMES.get(split, ""),
        group=checked_name(where, row.get("group") or ""),
        start_s=start_s,
        end_s=end_s,
    )


def _seconds(where: str, row, column: str) -> float | None:
    text = row.get(column) or ""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UserError(
            f"{where}: {column!r} must be seconds >= 0, not {text!r}"
        )
    return seconds
