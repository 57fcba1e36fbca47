"""CSV files of a run that somebody may have damaged: read, and checked."""

from __future__ import annotations

import csv
import math
import pathlib
import re

from audio_diffstride.errors import UserError, shortened


def read(path, columns, remedy: str) -> list[dict[str, str]]:
    """The rows of a CSV, at least one.

    Args:
        path: of the file.
        columns: that it must have, among others.
        remedy: what to do if it is damaged, for the message.

    Raises:
        FileNotFoundError: if there is no such file.
        UserError: if it is not such a table.
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
        raise UserError(f"{path} is damaged: it is no CSV; {remedy}") from error
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


def number(path, row: dict[str, str], column: str, remedy: str) -> float:
    """A field as a number; nan if it is empty.

    Raises:
        UserError: if it is neither.
    """
    try:
        return float(row[column] or math.nan)
    except ValueError:
        raise UserError(
            f"{path} is damaged: {column} is {shortened(row[column])}, no "
            f"number; {remedy}"
        ) from None


def read_numbers(path, columns, remedy: str) -> dict[str, list[float]]:
    """The columns of a CSV of numbers; see `read` and `number`."""
    rows = read(path, columns, remedy)
    return {
        column: [number(path, row, column, remedy) for row in rows]
        for column in rows[0]
    }


def read_strides(workdir) -> dict[str, list[float]]:
    """The columns of a run's strides.csv: step, block1_time, and so on.

    What a column is named after is a place of the network and an axis.
    """
    path = pathlib.Path(workdir) / "strides.csv"
    remedy = "train the run again, or restore the file"
    columns = read_numbers(path, ["step"], remedy)
    if len(columns) == 1:
        raise UserError(
            f"{path} is damaged: it has no column like block1_time; {remedy}"
        )
    for name in columns:
        if not re.fullmatch(r"step|[a-z]{1,20}[1-9]\d{0,3}_[a-z]{1,20}", name):
            raise UserError(
                f"{path} is damaged: it has a column {shortened(name)}; "
                f"{remedy}"
            )
        low = 0 if name == "step" else 1 - 1e-6
        if not all(low <= value < math.inf for value in columns[name]):
            raise UserError(
                f"{path} is damaged: its column {name} is not of strides from "
                f"1; {remedy}"
            )
    return columns
