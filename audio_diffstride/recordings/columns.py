"""What the columns of a table are: by their names, a layout, or the user."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn

from audio_diffstride.audio import folders
from audio_diffstride.config.field_types import parse_columns
from audio_diffstride.errors import UserError, join_some, shortened
from audio_diffstride.recordings import layouts, task_cells, task_choice
from audio_diffstride.recordings.recording import check_name
from audio_diffstride.recordings.task_cells import Cells, ColumnPerClass, Row
from audio_diffstride.terminal.suggestions import did_you_mean

_RESERVED = ("path", "split", "group", "start_s", "end_s")
PATH_COLUMNS = tuple(layout.columns["path"] for layout in layouts.LAYOUTS)
# In a map: a task has a column for each class, these or all that are left.
_JOIN, _ALL_OTHERS = "+", "*"
_PREFIX = ":"  # in a header: TASK:CLASS


@dataclasses.dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        reserved: {path, split, group, start_s or end_s: column}.
        named_tasks: {task: column} of the user's map, else of the layout.
            Where a task has a column for each class, {class: column}.
        prefixed: {task: {class: column}} of columns named TASK:CLASS.
        others: the columns that may be tasks under their own names.
        layout: of a known data set, if the paths are as it has them.
    """

    reserved: dict[str, str]
    named_tasks: dict[str, str | dict[str, str]]
    prefixed: dict[str, dict[str, str]]
    others: tuple[str, ...]
    layout: layouts.Layout | None

    @property
    def available(self) -> dict[str, str | dict[str, str]]:
        """{task: its column, or {class: column}} of all there are."""
        own = {name: name for name in self.others}
        return own | self.prefixed | self.named_tasks

    def path(self, cells: Mapping[str, str]) -> str:
        """The path of a row's recording, relative to the table."""
        path = cells[self.reserved["path"]]
        return self.layout.audio_path(cells) if self.layout and path else path


def parse_map(text: str) -> dict[str, str]:
    """The column map of `data.columns`: {our name: column of the table}.

    Raises:
        UserError: for a text that is no map.

    >>> parse_map("path=filename,label=category")
    {'path': 'filename', 'label': 'category'}
    """
    try:
        return parse_columns(text)
    except ValueError:
        raise UserError(
            f"data.columns is {shortened(text)}, but must be like "
            "path=filename,label=category"
        ) from None


def understand(
    path: pathlib.Path,
    header: Sequence[str],
    given: Mapping[str, str],
    first_row: Sequence[str] = (),
) -> Columns:
    """Finds out what the columns of a table are.

    Args:
        path: of the table, for messages.
        header: the names of its columns.
        given: the user's map, {our name or a task: column}.
        first_row: the cells of the first row, for the hint of a message.

    Raises:
        UserError: for a header without paths or labels, with bad names, or
            without a column of the map.
    """
    plain, per_class = _split_map(path, header, given)
    layout = layouts.of_header(header)
    mapped = {name: name for name in _RESERVED if name in header}
    mapped |= {**(layout.columns if layout else {}), **plain}
    if "path" not in mapped:
        _refuse_without_path(path, header, first_row)
    names = [name for name in header if name]
    if len(set(names)) < len(names):
        raise UserError(
            f"{path} has two columns of the same name; rename one of them"
        )
    for name in names:
        check_name(f"{path}, header", name)
    reserved = {name: mapped[name] for name in _RESERVED if name in mapped}
    tasks = {k: column for k, column in mapped.items() if k not in _RESERVED}
    if per_class or any(name in tasks for name in given):
        tasks = {name: given[name] for name in tasks if name in given}
    taken = {*_RESERVED, *reserved.values(), *tasks.values()}
    named: dict[str, str | dict[str, str]] = {**tasks}
    # What is left is left by all others.
    for task in sorted(per_class, key=lambda task: not per_class[task]):
        left = [name for name in names if name not in taken]
        if not (chosen := per_class[task] or left):
            raise UserError(
                f"{path} has no column left for {task}={_ALL_OTHERS} of "
                "data.columns; name its columns, or leave it out"
            )
        named[task] = {name: name for name in chosen}
        taken |= {*chosen}
    if layout and reserved["path"] != layout.columns["path"]:
        layout = None
    prefixed = _find_prefixed(name for name in names if name not in taken)
    taken |= {name for of in prefixed.values() for name in of.values()}
    others = tuple(name for name in names if name not in taken)
    columns = Columns(reserved, named, prefixed, others, layout)
    if not columns.available:
        raise UserError(
            f"{path} has no column with labels beside 'path'; add one"
        )
    return columns


def choose_tasks(
    path: pathlib.Path,
    columns: Columns,
    rows: Sequence[Row],
    wanted: Sequence[str],
    note: Callable[[str], object],
) -> dict[str, Cells]:
    """The tasks to predict, each with the cells of its labels.

    These are the wanted ones; else those that the user's map or the layout
    names; else all columns that look like tasks.

    Args:
        path: of the table, for messages.
        columns: from `understand`.
        rows: {column: cell} each.
        wanted: names of tasks; empty chooses.
        note: called with a line about columns that are left out.

    Raises:
        UserError: for a wanted task that is not there, or a bad name.
    """
    available = columns.available
    for task in wanted:
        if task not in available:
            raise UserError(
                f"{path} has no column {task!r} to predict; it has "
                f"{join_some(available, 10)}"
            )
    chosen = tuple(wanted) or tuple(columns.named_tasks)
    if not chosen:
        marked = [
            task
            for task, of_classes in columns.prefixed.items()
            if any(task_cells.are_marks(c, rows) for c in of_classes.values())
        ]
        left = [name for name in columns.others] + [
            column
            for task, of_classes in columns.prefixed.items()
            if task not in marked
            for column in of_classes.values()
        ]
        available |= {name: name for name in left}
        of_columns, lines = task_choice.choose_tasks(
            {name: [row[name] for row in rows] for name in left},
            needs_one=not marked,
        )
        chosen = (*of_columns, *marked)
        for line in lines if rows else ():
            note(f"{path}: {line}; data.tasks picks others")
        of_marks = [c for c in of_columns if task_cells.are_marks(c, rows)]
        if len(of_marks) > 1:
            note(
                f"{path}: {join_some(of_marks)} hold 1 and 0 only and are "
                "learned as tasks of their own; --columns "
                f"NAME={_JOIN.join(of_marks[:2])} and so on makes them one "
                "task with several labels"
            )
    for task in chosen:
        task_choice.check_task_name(path, task)
    return {task: _cells(available[task], rows) for task in chosen}


def _cells(place: str | dict[str, str], rows: Sequence[Row]) -> Cells:
    if isinstance(place, str):
        return task_cells.of_column(place, rows)
    return ColumnPerClass(place)


def _find_prefixed(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The columns TASK:CLASS, as {task: {class: column}}.

    >>> _find_prefixed(["site", "bird:robin", "bird:wren"])
    {'bird': {'robin': 'bird:robin', 'wren': 'bird:wren'}}
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        task, _, label = name.partition(_PREFIX)
        if task and label:
            found.setdefault(task, {})[label] = name
    return found


def _split_map(
    path: pathlib.Path, header: Sequence[str], given: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Splits the user's map by how many columns an entry names.

    Returns:
        {our name: column}, and {task: columns of its classes}, where no column
        is all that are left.

    Raises:
        UserError: for a column that the table does not have.
    """
    plain: dict[str, str] = {}
    per_class: dict[str, list[str]] = {}
    for ours, theirs in given.items():
        is_task = ours not in _RESERVED and theirs not in header
        if is_task and theirs == _ALL_OTHERS:
            per_class[ours] = []
            continue
        several = is_task and _JOIN in theirs
        columns = theirs.split(_JOIN) if several else [theirs]
        for column in columns:
            if column not in header:
                _refuse_column(path, header, ours, column)
        if several:
            per_class[ours] = columns
        else:
            plain[ours] = theirs
    return plain, per_class


def _refuse_column(
    path: pathlib.Path, header: Sequence[str], ours: str, theirs: str
) -> NoReturn:
    hint = did_you_mean(theirs, header, otherwise="name one of these")
    raise UserError(
        f"{path} has no column {theirs!r}, which data.columns takes for "
        f"{ours!r}; it has {join_some(header, 10)}; {hint}"
    )


def _refuse_without_path(
    path: pathlib.Path, header: Sequence[str], first_row: Sequence[str]
) -> NoReturn:
    """Says that there is no column `path`, and which one may be meant."""
    if "Selection" in header:
        raise UserError(
            f"{path} is a selection table of Raven; set data.annotations to "
            "intervals to read it"
        )
    if len(header) < 2:
        raise UserError(
            f"{path} has no column 'path' and no separator in its header "
            f"({shortened(', '.join(header))}); separate the columns by "
            "commas, semicolons or tabs"
        )
    suffixes = (*folders.AUDIO_SUFFIXES, *folders.FFMPEG_SUFFIXES)
    likely = [
        name
        for name, cell in zip(header, first_row)
        if os.path.splitext(cell)[1].lower() in suffixes
    ]
    raise UserError(
        f"{path} has no column 'path' among its columns "
        f"({join_some(header, 10)}); say which one holds the audio files by "
        f"--columns path={[*likely, 'COLUMN'][0]}"
    )
