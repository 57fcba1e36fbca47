"""Tables of measurements, printed to the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audio_diffstride.terminal.text_table import aligned

Row = dict[str, Any]  # {quantity: measured value, or None}
Cell = Callable[[Row], str]


def print_table(title: str, rows: list[Row], columns: dict[str, Cell]) -> None:
    """Prints a title and a table.

    Args:
        title: of the table.
        rows: of measurements.
        columns: {name: function that makes a cell from a row}.
    """
    lines = [list(columns)]
    lines += [[make(row) for make in columns.values()] for row in rows]
    print(f"\n{title}", *aligned(lines), sep="\n", flush=True)


def text(quantity: str) -> Cell:
    """Cells with the value as it is."""
    return lambda row: str(row[quantity])


def number(
    quantity: str, digits: int = 1, unit: float = 1, suffix: str = ""
) -> Cell:
    """Cells with the value in a unit, or a dash if there is none.

    Args:
        quantity: key of the row.
        digits: after the point.
        unit: what the value is divided by.
        suffix: after the number.
    """
    return lambda row: (
        f"{row[quantity] / unit:.{digits}f}{suffix}" if row[quantity] else "-"
    )


def ratio(quantity: str, reference: Row) -> Cell:
    """Cells with the value as a multiple of that in another row."""
    return number(quantity, 2, unit=reference[quantity] or 1, suffix=" x")
