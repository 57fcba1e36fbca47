"""From the cells of a row to the labels of a task.

A task is a column of classes, or a column for each of its classes:

    path,bird               path,bird:robin,bird:wren
    a.wav,robin;wren        a.wav,1,1
    b.wav,                  b.wav,0,0
    c.wav,robin;?           c.wav,1,

A `;` in any cell of a column makes it a task with several labels. Without one
it has one label, and an empty cell is a missing label. With several labels an
empty cell is none of the classes, and `?` stands for what is not known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from audio_diffstride.datasets.kinds import SEPARATOR, UNKNOWN, Label, Labels
from audio_diffstride.errors import UserError, shortened
from audio_diffstride.recordings.recording import check_name

Row = Mapping[str, str]  # {column: cell}

_MARKS: dict[str, bool | None] = {
    **dict.fromkeys(("1", "1.0", "true"), True),
    **dict.fromkeys(("0", "0.0", "false"), False),
    **dict.fromkeys(("", UNKNOWN)),
}


@dataclasses.dataclass(frozen=True)
class OneLabel:
    """A column with a class in each cell."""

    column: str

    def read(self, where: str, row: Row) -> Label | None:
        """The label of a row; None if it is missing.

        Args:
            where: the place of the row, for messages.
            row: its cells.

        Raises:
            UserError: for a cell that is no label.
        """
        cell = row[self.column]
        return check_name(where, cell) if cell else None


@dataclasses.dataclass(frozen=True)
class SeveralLabels:
    """A column with any number of classes in each cell."""

    column: str

    def read(self, where: str, row: Row) -> Label | None:
        """The labels of a row; see `OneLabel.read`."""
        cell = row[self.column].strip()
        names = split_cell(cell)
        if "" in names:
            raise UserError(
                f"{where}: {shortened(cell)} has a {SEPARATOR!r} without a "
                "label beside it; remove it"
            )
        for name in names:
            if names.count(name) > 1:
                raise UserError(
                    f"{where}: {shortened(cell)} has {name!r} twice; remove "
                    "one of them"
                )
        classes = tuple(check_name(where, n) for n in names if n != UNKNOWN)
        if UNKNOWN not in names:
            return Labels(classes)
        return Labels(classes, absent=()) if classes else None


@dataclasses.dataclass(frozen=True)
class ColumnPerClass:
    """A column of 1, 0 or nothing for each class.

    Attributes:
        columns: {class: column}.
    """

    columns: Mapping[str, str]

    def read(self, where: str, row: Row) -> Label | None:
        """The labels of a row; see `OneLabel.read`."""
        marks: dict[str, bool | None] = {}
        for name, column in self.columns.items():
            try:
                marks[name] = _MARKS[row[column].strip().lower()]
            except KeyError:
                raise UserError(
                    f"{where}: {column!r} must be 1, 0 or empty (not known), "
                    f"not {shortened(row[column])}"
                ) from None
        if all(mark is None for mark in marks.values()):
            return None
        return Labels(
            tuple(name for name, mark in marks.items() if mark),
            tuple(name for name, mark in marks.items() if mark is False),
        )


Cells = OneLabel | SeveralLabels | ColumnPerClass


def split_cell(cell: str) -> list[str]:
    """The labels of a cell.

    >>> split_cell("robin; wren"), split_cell("")
    (['robin', 'wren'], [])
    """
    parts = cell.split(SEPARATOR) if cell else []
    return [part.strip() for part in parts]


def of_column(column: str, rows: Sequence[Row]) -> OneLabel | SeveralLabels:
    """Whether the cells of a column have one label or several."""
    has_several = any(SEPARATOR in row[column] for row in rows)
    return SeveralLabels(column) if has_several else OneLabel(column)


def are_marks(column: str, rows: Sequence[Row]) -> bool:
    """Whether a column holds nothing but 1, 0 and empty cells."""
    return all(row[column].strip().lower() in _MARKS for row in rows)


def describe(task: str, cells: Cells, labels: Sequence[Label | None]) -> str:
    """A line on a task with several labels, for the user; else empty.

    Args:
        task: its name.
        cells: where its labels are.
        labels: of all rows.
    """
    if isinstance(cells, OneLabel):
        return ""
    known = [label for label in labels if isinstance(label, Labels)]
    counts = [len(label.present) for label in known]
    if isinstance(cells, SeveralLabels):
        why = f"the column {cells.column} has a {SEPARATOR!r} in a cell"
    else:
        why = "it has a column for each class"
    none = counts.count(0)
    return (
        f"{task} has several labels, because {why}: "
        f"{sum(count > 1 for count in counts):,} of {len(labels):,} rows have "
        f"two or more, {none:,} none, {len(labels) - len(known):,} unknown"
    )
