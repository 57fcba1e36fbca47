"""Accuracies of other networks: published, or trained beside the kept runs."""

from __future__ import annotations

from collections.abc import Sequence

from audio_diffstride.errors import UserError
from audio_diffstride.files import csv_files

NUMBERS = ("recordings", "correct", "cpu_s", "weights", "multiply_adds")
COLUMNS = ("row", "model", "fold", "source", *NUMBERS)
PUBLISHED = ("row", "model", "accuracy", "weights", "source")
_REMEDY = "restore it from the repository"

Row = dict[str, str]


def of_row(rows: list[Row], row: str) -> list[Row]:
    """The rows of a CSV that belong to a row of the page."""
    return [line for line in rows if line["row"] == row]


def accuracy(line: Row) -> float:
    """The accuracy in % of a fold of another network.

    >>> accuracy({"correct": "45", "recordings": "60"})
    75.0
    """
    return 100 * float(line["correct"]) / float(line["recordings"])


def by_model(rows: list[Row]) -> dict[str, list[Row]]:
    """{model: its rows}, in the order of the file."""
    names = dict.fromkeys(line["model"] for line in rows)
    return {n: [line for line in rows if line["model"] == n] for n in names}


def read(
    path: str, columns: Sequence[str], numbers: Sequence[str] = ()
) -> list[Row]:
    """The rows of a CSV.

    Args:
        path: the file.
        columns: that it has.
        numbers: those that hold positive numbers.

    Raises:
        UserError: if there is no such file, or it is damaged.
    """
    try:
        rows = csv_files.read(path, columns, _REMEDY)
    except FileNotFoundError:
        raise UserError(f"there is no {path}; {_REMEDY}") from None
    for row in rows:
        for column in numbers:
            if not csv_files.number(path, row, column, _REMEDY) > 0:
                raise UserError(
                    f"{path} is damaged: {column} is {row[column]!r}, not a "
                    f"positive number; {_REMEDY}"
                )
    return rows
