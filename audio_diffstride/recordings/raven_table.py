"""Read the selection tables of Raven Pro and Lite.

They are separated by tabs. A table lies beside its recording, or names the
recordings in `Begin Path` or `Begin File`. Raven writes a selection once for
each view; it counts once. `Task` and `Score` are columns that `predict` writes.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Mapping, Sequence

from audio_diffstride.datasets.kinds import Label
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings import table_text
from audio_diffstride.recordings.annotation import Annotation
from audio_diffstride.recordings.class_folders import FOLDER_TASK
from audio_diffstride.recordings.recording import (
    Recording,
    check_name,
    read_score,
    read_times,
)

FIRST_COLUMN = "Selection"
_BEGIN, _END = "Begin Time (s)", "End Time (s)"
_OFFSET = "File Offset (s)"  # from the begin of the file, not of a sequence
_PATH, _FILE = "Begin Path", "Begin File"
_TASK = "Task"
# The columns that may hold the classes, the most telling first.
_LABELS = (
    *("Class", "Annotation", "Annotations", "Label", "Labels", "Species"),
    *("Common Name", "Species Code", "Call Type", "Tags", "Type"),
)
_SCORES = ("Score", "Confidence")


def is_raven(first_line: str) -> bool:
    r"""Whether a file that begins with this line is a selection table.

    >>> is_raven("Selection\tView\n"), is_raven("0.5\t1.5\twren\n")
    (True, False)
    """
    return first_line.lstrip("\ufeff").startswith(FIRST_COLUMN)


def read(
    path: pathlib.Path,
    recording: Recording | None,
    column_map: Mapping[str, str],
    note: Callable[[str], object],
) -> list[Annotation]:
    """Lists the annotations of a table.

    Args:
        path: the table.
        recording: the one that it lies beside. None takes those that its rows
            name.
        column_map: {task: column} of the classes; empty chooses.
        note: called with each line that the user should read.

    Raises:
        UserError: for a table that is invalid. It names the file and the row.
    """
    cells = table_text.read(path, [FIRST_COLUMN])
    missing = [c for c in (_BEGIN, _END) if c not in cells.header]
    if missing:
        raise UserError(
            f"{path} has no column {missing[0]!r}; export the table from Raven "
            "with it"
        )
    tasks = _label_columns(path, cells.header, column_map, note)
    annotations = []
    for number, values in enumerate(cells.rows, start=2):
        where = f"{path}, row {number}"
        if not any(values):
            continue
        if len(values) != len(cells.header):
            raise UserError(
                f"{where}: {len(values)} columns, not {len(cells.header)} as "
                "in the header; correct the row"
            )
        row = dict(zip(cells.header, values))
        start_s, end_s = _times(where, row)
        source = _source(where, path.parent, row, recording)
        labels: dict[str, Label] = {}
        for task, column in tasks.items():
            name = check_name(where, row[column].strip())
            if not name:
                raise UserError(
                    f"{where}: {column!r} is empty; name the class, or remove "
                    "the selection"
                )
            labels[(not column_map and row.get(_TASK)) or task] = name
        segment = Recording(
            source.path, labels, source.split, "", start_s, end_s
        )
        annotations.append(Annotation(where, segment, _score(where, row)))
    return annotations


def _label_columns(
    path: pathlib.Path,
    header: Sequence[str],
    column_map: Mapping[str, str],
    note: Callable[[str], object],
) -> dict[str, str]:
    """{task: column} of the classes."""
    for column in column_map.values():
        if column not in header:
            raise UserError(
                f"{path} has no column {column!r}, which data.columns names; "
                f"it has {join_some(header, 20)}"
            )
    if column_map:
        return {**column_map}
    by_name = {name.lower(): name for name in header}
    there = [by_name[n.lower()] for n in _LABELS if n.lower() in by_name]
    if not there:
        raise UserError(
            f"{path} has no column of classes that is known; it has "
            f"{join_some(header, 20)}; name it by --columns "
            f"{FOLDER_TASK}=COLUMN"
        )
    if len(there) > 1:
        note(
            f"{path}: the classes are in {there[0]!r}; --columns "
            f"'{FOLDER_TASK}={there[1]}' takes another column"
        )
    return {FOLDER_TASK: there[0]}


def _times(where: str, row: Mapping[str, str]) -> tuple[float, float]:
    """Begin and end in the file of a row."""
    texts = {
        column: row[column].replace(",", ".")
        for column in (_BEGIN, _END, _OFFSET)
        if column in row
    }
    start_s, end_s = read_times(where, texts, _BEGIN, _END)
    if start_s is None or end_s is None:
        raise UserError(
            f"{where}: {_BEGIN!r} and {_END!r} must be seconds; give both"
        )
    offset_s, _ = read_times(where, texts, _OFFSET, "")
    if offset_s is not None:
        return offset_s, round(offset_s + end_s - start_s, 6)
    return start_s, end_s


def _source(
    where: str,
    folder: pathlib.Path,
    row: Mapping[str, str],
    recording: Recording | None,
) -> Recording:
    """The recording of a row, with its split."""
    named = row.get(_FILE) or row.get(_PATH) or ""
    # Tables of Windows name paths with backslashes.
    file = pathlib.PureWindowsPath(named).name
    if recording is not None:
        if file and pathlib.Path(file).stem != recording.path.stem:
            raise UserError(
                f"{where} is of {file}, but the table lies beside "
                f"{recording.path}; give tables of several recordings by "
                "themselves"
            )
        return recording
    if not file:
        raise UserError(
            f"{where} names no recording: no recording with the table's name "
            f"lies beside it, and {_FILE!r} is missing or empty"
        )
    path = pathlib.Path(row.get(_PATH, ""))
    # A name may be too long for `Path.is_file`.
    if os.path.isfile(folder / file) or not os.path.isfile(path):
        path = folder / file
    return Recording(path, {})


def _score(where: str, row: Mapping[str, str]) -> float | None:
    for column in _SCORES:
        score = read_score(where, row, column)
        if score is not None:
            return score
    return None
