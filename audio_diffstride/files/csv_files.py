"""Reading and checking CSV files that may be damaged."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable

from audio_diffstride.errors import UserError, shortened


def read(
    path: str | os.PathLike[str], columns: Iterable[str], remedy: str
) -> list[dict[str, str]]:
    """Reads the rows of a CSV, at least one.

    Args:
        path: the file.
        columns: columns that it must have; there may be others.
        remedy: what to do if the file is damaged, for the message.

    Raises:
        FileNotFoundError: if there is no such file.
        UserError: if the file is damaged or lacks a column.
    """
    try:
        with open(path, newline="", encoding="utf-8") as file:
            header, *lines = csv.reader(file, strict=True)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}; {remedy}"
        ) from error
    except (ValueError, csv.Error) as error:
        raise UserError(
            f"{path} is damaged: it is not a CSV; {remedy}"
        ) from error
    if not lines:
        raise UserError(f"{path} is damaged: it has no rows; {remedy}")
    for column in columns:
        if column not in header:
            raise UserError(
                f"{path} is damaged: it has no column {column}; {remedy}"
            )
    for number, line in enumerate(lines, start=1):
        if len(line) != len(header):
            raise UserError(
                f"{path} is damaged: row {number} has {len(line)} fields, not "
                f"{len(header)}; {remedy}"
            )
    return [dict(zip(header, line)) for line in lines]


def number(
    path: str | os.PathLike[str], row: dict[str, str], column: str, remedy: str
) -> float:
    """Reads a field as a number; an empty one is nan.

    Args:
        path: the file, for the message.
        row: a row of the file.
        column: the field's column.
        remedy: what to do if the file is damaged, for the message.

    Raises:
        UserError: if the field holds something else.
    """
    try:
        return float(row[column] or math.nan)
    except ValueError:
        raise UserError(
            f"{path} is damaged: {column} is {shortened(row[column])}, not "
            f"a number; {remedy}"
        ) from None


def read_numbers(
    path: str | os.PathLike[str], columns: Iterable[str], remedy: str
) -> dict[str, list[float]]:
    """Reads the columns of a CSV of numbers; see `read` and `number`."""
    rows = read(path, columns, remedy)
    return {
        column: [number(path, row, column, remedy) for row in rows]
        for column in rows[0]
    }
