"""List the recordings of a CSV, one per row.

A row is refused if it could silently become another class, another split or
another recording than the user meant. The message names the row.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from audio_diffstride.datasets.kinds import Label
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import columns, table_text, task_cells
from audio_diffstride.recordings.annotation import Annotation
from audio_diffstride.recordings.recording import (
    SPLIT_NAMES,
    Recording,
    check_name,
    read_times,
)
from audio_diffstride.recordings.task_cells import Cells


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
    rows, chosen = _read(path, tasks, column_map or {}, note)
    recordings: list[Recording] = []
    seen: dict[tuple, tuple[int, Recording]] = {}
    for number, recording in rows:
        where = f"{path}, row {number}"
        if not recording.labels:
            raise UserError(
                f"{where}: no label in {', '.join(chosen)}; add one, or remove "
                "the row"
            )
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


def read_annotations(
    path: pathlib.Path,
    tasks: Sequence[str],
    column_map: Mapping[str, str],
    note: Callable[[str], object],
) -> list[Annotation]:
    """Lists the annotations of a CSV, of which a file may have many.

    A row without times and labels says that nothing in the file is annotated.
    For the arguments and errors: `read`.
    """
    rows, _ = _read(path, tasks, column_map, note)
    annotations = []
    for number, recording in rows:
        where = f"{path}, row {number}"
        has_times = recording.end_s is not None
        if has_times and recording.start_s is None:
            recording = dataclasses.replace(recording, start_s=0.0)
        if not has_times and (recording.labels or recording.start_s):
            raise UserError(
                f"{where}: an annotation needs 'start_s' and 'end_s'; give "
                "both, or leave the labels empty too where nothing is in the "
                "file"
            )
        if has_times and not recording.labels:
            raise UserError(
                f"{where}: the annotation has no label; add one, or remove the "
                "row"
            )
        annotations.append(Annotation(where, recording))
    return annotations


def _read(
    path: pathlib.Path,
    tasks: Sequence[str],
    given: Mapping[str, str],
    note: Callable[[str], object],
) -> tuple[list[tuple[int, Recording]], dict[str, Cells]]:
    """The rows with their numbers, and the tasks with their cells."""
    names = [given.get("path", "path"), *columns.PATH_COLUMNS]
    cells = table_text.read(path, names)
    found = columns.understand(path, cells.header, given, *cells.rows[:1])
    rows = dict(_number_rows(path, cells))
    if "" in cells.header:
        note(f"{path}: a column without a name is left out")
    if found.layout:
        note(f"{path} is {found.layout.describe()}")
    chosen = columns.choose_tasks(path, found, [*rows.values()], tasks, note)
    numbered = []
    for number, row in rows.items():
        where = f"{path}, row {number}"
        ours = {name: row[column] for name, column in found.reserved.items()}
        ours["path"] = found.path(row)
        labels = {task: of.read(where, row) for task, of in chosen.items()}
        if cells.separator == ";":  # then a comma may stand in numbers
            for name in ("start_s", "end_s"):
                ours[name] = ours.get(name, "").replace(",", ".")
        numbered.append((number, _read_row(where, path.parent, ours, labels)))
    return numbered, chosen


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
    split = row.get("split", "")
    if split and split not in SPLIT_NAMES:
        raise UserError(
            f"{where}: 'split' must be train, validation or test, not {split!r}"
        )
    start_s, end_s = read_times(where, row, "start_s", "end_s")
    return Recording(
        path=folder / row["path"],
        labels={t: label for t, label in given.items() if label is not None},
        split=SPLIT_NAMES.get(split, ""),
        group=check_name(where, row.get("group", "")),
        start_s=start_s,
        end_s=end_s,
    )
