"""Where a file comes from: its name, its folder and its date."""

from __future__ import annotations

import datetime
import pathlib
import re

_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])"
    r"(?!\d)"
)


def name_pattern(stem: str, label: str = "") -> str:
    """The name of a file with its digits and letters made equal.

    >>> name_pattern("dog_take12-ab", label="dog")
    'CLASS_a0-a'
    """
    pieces = re.split(re.escape(label), stem, flags=re.IGNORECASE)
    if not label:
        pieces = [stem]
    return "CLASS".join(
        re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", piece))
        for piece in pieces
    )


def folder(path: pathlib.Path, label: str) -> str:
    """The folder of a file; empty if it is the folder of the class."""
    folders = [part.casefold() for part in path.parent.parts]
    return "" if label.casefold() in folders else str(path.parent)


def date(path: pathlib.Path) -> int:
    """Year, month and day: of the name, or else of the last change."""
    found = _DATE.search(path.stem)
    if found:
        return int("".join(found.groups()))
    changed = datetime.date.fromtimestamp(path.stat().st_mtime)
    return changed.year * 10_000 + changed.month * 100 + changed.day
