"""Rows of tables that a spreadsheet may have saved."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Collection, Iterator, Mapping

from audio_diffstride.errors import UserError, join_some, shortened
from audio_diffstride.recordings import table_text


def read(
    path: pathlib.Path, needed: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yields the rows of a table, with commas, semicolons or tabs.

    Args:
        path: the table.
        needed: {our name: the names that its column may have}.

    Yields:
        (place of the row, for messages; {our name or column: cell}). Cells are
        without spaces at their ends.

    Raises:
        UserError: for a file that is no such table.
    """
    cells = table_text.read(path, [*needed["path"]])
    names = {}
    for ours, theirs in needed.items():
        found = [name for name in theirs if name in cells.header]
        if not found:
            raise UserError(
                f"{path} has no column {' or '.join(theirs)}; it has "
                f"{join_some(cells.header, 10)}"
            )
        names[ours] = found[0]
    for number, row in enumerate(cells.rows, start=2):
        if not any(row):
            continue
        where = f"{path}, row {number}"
        if len(row) != len(cells.header):
            raise UserError(
                f"{where}: {len(row)} columns, not {len(cells.header)} as in "
                "the header; correct the row"
            )
        by_column = dict(zip(cells.header, map(str.strip, row)))
        yield (
            where,
            by_column | {o: by_column[name] for o, name in names.items()},
        )


def number(where: str, row: Mapping[str, str], name: str) -> float:
    """A cell as a number of at least 0; a decimal comma is allowed.

    Raises:
        UserError: for anything else.
    """
    text = row[name]
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise UserError(
            f"{where}: {name!r} must be a number >= 0, not {shortened(text)}; "
            "a spreadsheet may have changed it"
        )
    return value


def span(where: str, row: Mapping[str, str]) -> tuple[float, float]:
    """The cells `start_s` and `end_s`.

    Raises:
        UserError: for no span of time.
    """
    start_s, end_s = (number(where, row, name) for name in ("start_s", "end_s"))
    if end_s <= start_s:
        raise UserError(
            f"{where}: 'end_s' ({end_s:g}) must be more than 'start_s' "
            f"({start_s:g})"
        )
    return start_s, end_s


def relative(path: pathlib.Path, folder: pathlib.Path) -> str:
    """A path as a table in a folder names it; absolute on another drive."""
    path, folder = path.absolute(), folder.absolute()
    try:
        return pathlib.Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return str(path)
