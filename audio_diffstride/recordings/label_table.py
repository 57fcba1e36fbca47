"""List the recordings of a CSV, one per row.

A row is refused if it could silently become another class, another split or
another recording than the user meant. The message names the row.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from audio_diffstride.datasets.kinds import Label
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import columns, table_text, task_cells
from audio_diffstride.recordings.recording import (
    SPLIT_NAMES,
    Recording,
    check_name,
)


def read(
    path: pathlib.Path,
    tasks: Sequence[str] = (),
    column_map: Mapping[str, str] | None = None,
    note: Callable[[str], object] = lambda line: None,
) -> list[Recording]:
    """Lists the recordings of a CSV; see `manifest.read`.

    Args:
        path: the CSV, in UTF-8.
        tasks: columns to predict; empty is all that look like tasks.
        column_map: {our name or a task: column of the CSV}. If it names tasks
            and `tasks` is empty, these are predicted.
        note: called with each line that the user should read.

    Raises:
        UserError: for a table that is invalid or contradicts itself. It names
            the file and the row.
    """
    given = column_map or {}
    names = [given.get("path", "path"), *columns.PATH_COLUMNS]
    cells = table_text.read(path, names)
    found = columns.understand(path, cells.header, given, *cells.rows[:1])
    rows = dict(_number_rows(path, cells))
    if "" in cells.header:
        note(f"{path}: a column without a name is left out")
    if found.layout:
        note(f"{path} is {found.layout.describe()}")
    chosen = columns.choose_tasks(path, found, [*rows.values()], tasks, note)
    recordings: list[Recording] = []
    seen: dict[tuple, tuple[int, Recording]] = {}
    for number, row in rows.items():
        where = f"{path}, row {number}"
        ours = {name: row[column] for name, column in found.reserved.items()}
        ours["path"] = found.path(row)
        labels = {task: of.read(where, row) for task, of in chosen.items()}
        if cells.separator == ";":  # then a comma may stand in numbers
            for name in ("start_s", "end_s"):
                ours[name] = ours.get(name, "").replace(",", ".")
        recording = _read_row(where, path.parent, ours, labels)
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
    for task, of in chosen.items():
        labels_of_task = [r.labels.get(task) for r in recordings]
        if line := task_cells.describe(task, of, labels_of_task):
            note(f"{path}: {line}")
    return recordings


def _number_rows(
    path: pathlib.Path, cells: table_text.Cells
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields (number, {column: cell}) of each row that is not blank."""
    for number, row in enumerate(cells.rows, start=2):
        if not row:
            continue
        if len(row) != len(cells.header):
            raise UserError(
                f"{path}, row {number}: {len(row)} columns, not "
                f"{len(cells.header)} as in the header; correct the row"
            )
        yield number, dict(zip(cells.header, row))


def _describe_conflict(one: Recording, other: Recording) -> str:
    """Names what differs between two rows of the same recording."""
    differing = [
        name
        for name in ("labels", "split", "group")
        if getattr(one, name) != getattr(other, name)
    ]
    return f", with another {' and '.join(differing)}" if differing else ""


def _read_row(
    where: str,
    folder: pathlib.Path,
    row: Mapping[str, str],
    given: Mapping[str, Label | None],
) -> Recording:
    if not row["path"]:
        raise UserError(f"{where}: 'path' is empty; give the audio file")
    if "\0" in row["path"]:
        raise UserError(f"{where}: 'path' holds a NUL; remove it")
    labels = {t: label for t, label in given.items() if label is not None}
    if not labels:
        raise UserError(
            f"{where}: no label in {', '.join(given)}; add one, or remove the "
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


def _read_seconds(
    where: str, row: Mapping[str, str], column: str
) -> float | None:
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
