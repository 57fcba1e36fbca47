"""One of the user's own recordings: file, labels, split and group."""

from __future__ import annotations

import dataclasses
import math
import pathlib
import unicodedata
from collections.abc import Mapping

from audio_diffstride.datasets.kinds import Label
from audio_diffstride.errors import UserError

SPLIT_NAMES = {
    "train": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
}
# Unicode categories: controls, surrogates, line and paragraph separators.
_FORBIDDEN = ("Cc", "Cs", "Zl", "Zp")


@dataclasses.dataclass(frozen=True, slots=True)
class Recording:
    """One file, or a segment of it, with its labels.

    Attributes:
        path: of the audio file.
        labels: {task: class}, or {task: `Labels`} for several. A task without
            a label is not in it.
        split: "train", "validation" or "test"; "" is not decided yet.
        group: recordings of one group stay in one split.
        start_s: start of the segment; None is the start of the file.
        end_s: end of the segment; None is the end of the file.
    """

    path: pathlib.Path
    labels: dict[str, Label]
    split: str = ""
    group: str = ""
    start_s: float | None = None
    end_s: float | None = None


def check_name(where: str, name: str) -> str:
    """Checks the name of a class, group or column.

    Args:
        where: the place of the name, for messages.
        name: as written by the user.

    Returns:
        The name in Unicode's composed form, so that equal names compare equal.

    Raises:
        UserError: for a name that looks like another one, but differs.
    """
    if name != name.strip():
        raise UserError(
            f"{where}: {name!r} begins or ends with a space; remove it"
        )
    if any(unicodedata.category(c) in _FORBIDDEN for c in name):
        raise UserError(
            f"{where}: {name!r} holds a character that is not text; remove it"
        )
    return unicodedata.normalize("NFC", name)


def read_times(
    where: str, row: Mapping[str, str], start: str, end: str
) -> tuple[float | None, float | None]:
    """Reads the begin and the end of a segment, in seconds.

    Args:
        where: the place of the row, for messages.
        row: {column: cell}. A missing or empty one is None.
        start: the column of the begin.
        end: the column of the end.

    Raises:
        UserError: for a text that is no time, or times in the wrong order.
    """
    start_s = _read_seconds(where, row, start)
    end_s = _read_seconds(where, row, end)
    if end_s is not None and end_s <= (start_s or 0.0):
        raise UserError(
            f"{where}: {end!r} ({end_s:g}) must be more than {start!r} "
            f"({start_s or 0:g})"
        )
    return start_s, end_s


def _read_seconds(
    where: str, row: Mapping[str, str], column: str
) -> float | None:
    text = row.get(column)
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UserError(
            f"{where}: {column!r} must be seconds >= 0, not {text!r}"
        )
    return seconds


def read_score(where: str, row: Mapping[str, str], column: str) -> float | None:
    """Reads how probable a detection is; a missing or empty cell is None.

    Raises:
        UserError: for a text that is no number.
    """
    text = row.get(column)
    if not text:
        return None
    try:
        score = float(text.replace(",", "."))
    except ValueError:
        score = float("nan")
    if not math.isfinite(score):
        raise UserError(f"{where}: {column!r} must be a number, not {text!r}")
    return score
