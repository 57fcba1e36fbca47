"""List the recordings of a CSV, one per row.

A row is refused if it could silently become another class, another split or
another recording than the user meant. The message names the row.
"""

from __future__ import annotations

import csv
import os
import pathlib
import re
from collections.abc import Sequence

from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings.recording import (
    SPLIT_NAMES,
    Recording,
    check_name,
)

_RESERVED = ("path", "split", "group", "start_s", "end_s")


def read(path: pathlib.Path, tasks: Sequence[str] = ()) -> list[Recording]:
    """Lists the recordings of a CSV; see `manifest.read`.

    Args:
        path: the CSV, in UTF-8.
        tasks: columns to predict; empty is all that are not reserved.

    Raises:
        UserError: for a table that is invalid or contradicts itself. It names
            the file and the row.
    """
    columns, rows = _read_cells(path)
    tasks = _check_columns(path, columns, tasks)
    recordings: list[Recording] = []
    seen: dict[tuple, tuple[int, Recording]] = {}
    for number, cells in enumerate(rows, start=2):
        if not cells:  # a blank line
            continue
        where = f"{path}, row {number}"
        if len(cells) != len(columns):
            raise UserError(
                f"{where}: {len(cells)} columns, not {len(columns)} as in the "
                "header; correct the row"
            )
        row = dict(zip(columns, cells))
        recording = _read_row(where, path.parent, row, tasks)
        key = (
            os.path.normpath(recording.path),
            recording.start_s,
            recording.end_s,
        )
        first_number, first = seen.setdefault(key, (number, recording))
        if first is not recording:
            raise UserError(
                f"{where}: the same recording as in row {first_number}"
                f"{_describe_conflict(first, recording)}; remove one of them"
            )
        recordings.append(recording)
    return recordings


def _read_cells(path: pathlib.Path) -> tuple[list[str], list[list[str]]]:
    """The header of a CSV, and the cells of its other rows."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header, *rows = list(csv.reader(file, strict=True)) or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a CSV in UTF-8: {error}") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    return header, rows


def _describe_conflict(one: Recording, other: Recording) -> str:
    """Names what differs between two rows of the same recording."""
    differing = [
        name
        for name in ("labels", "split", "group")
        if getattr(one, name) != getattr(other, name)
    ]
    return f", with another {' and '.join(differing)}" if differing else ""


def _check_columns(
    path: pathlib.Path, columns: list[str], tasks: Sequence[str]
) -> tuple[str, ...]:
    """Checks the header. Returns the columns to predict."""
    if "path" not in columns:
        raise UserError(
            f"{path} has no column 'path' among its columns "
            f"({join_some(columns, 10)}); the separator must be a comma"
        )
    if len(set(columns)) < len(columns):
        raise UserError(
            f"{path} has two columns of the same name; rename one of them"
        )
    for name in columns:
        if not name:
            raise UserError(f"{path} has a column called ''; rename it")
        check_name(f"{path}, header", name)
    available = tuple(name for name in columns if name not in _RESERVED)
    missing = [task for task in tasks if task not in available]
    if missing:
        raise UserError(
            f"{path} has no column {missing[0]!r} to predict; it has "
            f"{join_some(available, 10)}"
        )
    if not available:
        raise UserError(
            f"{path} has no column with labels beside 'path'; add one"
        )
    for task in tasks or available:
        # A task names folders, losses and layers.
        if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", task):
            raise UserError(
                f"{path} has a task called {task!r}; rename the column to "
                "letters from a to z, digits, '_', '-' and '.', or leave it "
                "out by --config.data.tasks"
            )
    return tuple(tasks) or available


def _read_row(
    where: str,
    folder: pathlib.Path,
    row: dict[str, str],
    tasks: tuple[str, ...],
) -> Recording:
    if not row["path"]:
        raise UserError(f"{where}: 'path' is empty; give the audio file")
    if "\0" in row["path"]:
        raise UserError(f"{where}: 'path' holds a NUL; remove it")
    labels = {task: check_name(where, row[task]) for task in tasks if row[task]}
    if not labels:
        raise UserError(
            f"{where}: no label in {', '.join(tasks)}; add one, or remove the "
            "row"
        )
    split = row.get("split", "")
    if split and split not in SPLIT_NAMES:
        raise UserError(
            f"{where}: 'split' must be train, validation or test, not {split!r}"
        )
    start_s = _read_seconds(where, row, "start_s")
    end_s = _read_seconds(where, row, "end_s")
    if end_s is not None and end_s <= (start_s or 0.0):
        raise UserError(
            f"{where}: 'end_s' ({end_s:g}) must be more than 'start_s' "
            f"({start_s or 0:g})"
        )
    return Recording(
        path=folder / row["path"],
        labels=labels,
        split=SPLIT_NAMES.get(split, ""),
        group=check_name(where, row.get("group", "")),
        start_s=start_s,
        end_s=end_s,
    )


def _read_seconds(where: str, row: dict[str, str], column: str) -> float | None:
    text = row.get(column)
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
