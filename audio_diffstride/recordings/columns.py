"""What the columns of a table are: by their names, a layout, or the user."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from audio_diffstride.audio import folders
from audio_diffstride.config.field_types import parse_columns
from audio_diffstride.errors import UserError, join_some, shortened
from audio_diffstride.recordings import layouts, task_choice
from audio_diffstride.recordings.recording import check_name
from audio_diffstride.terminal.suggestions import did_you_mean

_RESERVED = ("path", "split", "group", "start_s", "end_s")
PATH_COLUMNS = tuple(layout.columns["path"] for layout in layouts.LAYOUTS)


@dataclasses.dataclass(frozen=True)
class Columns:
    """What the columns of a table are.

    Attributes:
        reserved: {path, split, group, start_s or end_s: column}.
        named_tasks: {task: column} of the user's map, else of the layout.
        others: the columns that may be tasks under their own names.
        layout: of a known data set, if the paths are as it has them.
    """

    reserved: dict[str, str]
    named_tasks: dict[str, str]
    others: tuple[str, ...]
    layout: layouts.Layout | None

    @property
    def available(self) -> dict[str, str]:
        """{task: column} of all that can be predicted."""
        return {name: name for name in self.others} | self.named_tasks

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
    _check_map(path, header, given)
    layout = layouts.of_header(header)
    mapped = {name: name for name in _RESERVED if name in header}
    mapped |= {**(layout.columns if layout else {}), **given}
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
    if any(name in tasks for name in given):
        tasks = {name: given[name] for name in tasks if name in given}
    taken = {*_RESERVED, *reserved.values(), *tasks.values()}
    if layout and reserved["path"] != layout.columns["path"]:
        layout = None
    columns = Columns(
        reserved, tasks, tuple(n for n in names if n not in taken), layout
    )
    if not columns.available:
        raise UserError(
            f"{path} has no column with labels beside 'path'; add one"
        )
    return columns


def choose_tasks(
    path: pathlib.Path,
    columns: Columns,
    rows: Sequence[Mapping[str, str]],
    wanted: Sequence[str],
    note: Callable[[str], object],
) -> dict[str, str]:
    """The tasks to predict, each with its column.

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
        chosen, lines = task_choice.choose_tasks(
            {name: [row[name] for row in rows] for name in columns.others}
        )
        for line in lines if rows else ():
            note(f"{path}: {line}; data.tasks picks others")
    for task in chosen:
        task_choice.check_task_name(path, task)
    return {task: available[task] for task in chosen}


def _check_map(
    path: pathlib.Path, header: Sequence[str], given: Mapping[str, str]
) -> None:
    """Checks that a table has the columns of the user's map."""
    for ours, theirs in given.items():
        if theirs not in header:
            hint = did_you_mean(theirs, header, otherwise="name one of these")
            raise UserError(
                f"{path} has no column {theirs!r}, which data.columns takes "
                f"for {ours!r}; it has {join_some(header, 10)}; {hint}"
            )


def _refuse_without_path(
    path: pathlib.Path, header: Sequence[str], first_row: Sequence[str]
) -> NoReturn:
    """Says that there is no column `path`, and which one may be meant."""
    if len(header) < 2:
        raise UserError(
            f"{path} has no column 'path' and no separator in its header "
            f"({join_some(header)}); separate the columns by commas, "
            "semicolons or tabs"
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
