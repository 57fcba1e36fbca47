"""Choose the columns of a table that look like tasks."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence

from audio_diffstride.errors import UserError
from audio_diffstride.recordings.task_cells import split_cell

# Smaller tables say too little about a column.
_MIN_ROWS = 20
# More numbers than these are measured, not classes. MIDI has 128 pitches.
_MAX_FRACTIONS = 20
_MAX_WHOLE_NUMBERS = 128
_MIN_ROWS_PER_NUMBER = 10


def check_task_name(path: object, task: str) -> None:
    """Checks the name of a task, which names folders, losses and layers.

    Raises:
        UserError: for a name that cannot.
    """
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", task):
        raise UserError(
            f"{path} has a task called {task!r}; rename the column to letters "
            "from a to z, digits, '_', '-' and '.', for example by --columns "
            f"NAME={shlex.quote(task)}, or leave it out by --config.data.tasks"
        )


def choose_tasks(
    values: Mapping[str, Sequence[str]], needs_one: bool = True
) -> tuple[tuple[str, ...], list[str]]:
    """Chooses the columns that look like tasks.

    A column is left out if it has one value only; if it has more than half as
    many values as rows; or if it has more than 20 numbers that are not all
    whole, or more than 128 whole ones with fewer than ten rows each. The last
    two need a table of 20 rows. Where no column is left, all that have two
    values are taken. Several labels in a cell count one by one.

    Args:
        values: {column: its cells}.
        needs_one: whether a column must be taken, because there is no other
            task.

    Returns:
        The columns, and lines for the user about the other ones.

    >>> choose_tasks({"bird": ["wren", "robin"], "site": ["A", "A"]})
    (('bird',), ['left out, as they are no tasks: site (one value only)'])
    """
    reasons = {name: _why_not(cells) for name, cells in values.items()}
    chosen = [name for name, reason in reasons.items() if reason is None]
    lines = []
    if not chosen and needs_one:
        chosen = [name for name in values if len({*values[name]} - {""}) > 1]
        if chosen:
            text = _join_reasons(reasons, chosen)
            lines.append(f"hardly tasks, but there are no others: {text}")
    if needs_one:
        chosen = chosen or list(values)
    taken = {*chosen}
    others = [name for name in values if name not in taken]
    if others:
        text = _join_reasons(reasons, others)
        lines.append(f"left out, as they are no tasks: {text}")
    return tuple(chosen), lines


def _join_reasons(
    reasons: Mapping[str, str | None], names: Iterable[str]
) -> str:
    return ", ".join(f"{name} ({reasons[name]})" for name in names)


def _why_not(cells: Iterable[str]) -> str | None:
    """Why a column is no task; None if it is one."""
    labels = [label for cell in cells for label in split_cell(cell)]
    kinds = {*labels}
    if len(kinds) < 2:
        return "one value only" if kinds else "empty"
    if len(labels) < _MIN_ROWS:
        return None
    if len(kinds) > len(labels) / 2:
        return f"{len(kinds):,} values in {len(labels):,} rows"
    numbers = [_number(kind) for kind in kinds]
    if not all(map(math.isfinite, numbers)):
        return None
    if all(number.is_integer() for number in numbers):
        is_measured = len(kinds) > _MAX_WHOLE_NUMBERS and len(
            labels
        ) < _MIN_ROWS_PER_NUMBER * len(kinds)
    else:
        is_measured = len(kinds) > _MAX_FRACTIONS
    return f"{len(kinds):,} different numbers" if is_measured else None


def _number(text: str) -> float:
    """A number with a point or a comma; nan for other text."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan
