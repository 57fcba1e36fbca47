"""A recording of one's own: its file, its labels, its place in the data."""

from __future__ import annotations

import dataclasses
import pathlib
import unicodedata

from audio_diffstride.errors import UserError

SPLIT_NAMES = {
    "train": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
}
# Control characters, half characters, ends of lines and of paragraphs.
_UNWANTED = ("Cc", "Cs", "Zl", "Zp")


@dataclasses.dataclass(frozen=True)
class Recording:
    """One row: a file, or a segment of it, and what is known about it.

    Attributes:
        path: of the audio file.
        labels: {task: class}; a task without a label is left out.
        split: "train", "validation", "test", or "" to be decided.
        group: recordings of one group never lie on both sides of a split.
        start_s: where the segment begins; None is the beginning.
        end_s: where it stops; None is the end.
    """

    path: pathlib.Path
    labels: dict[str, str]
    split: str = ""
    group: str = ""
    start_s: float | None = None
    end_s: float | None = None


def checked_name(where: str, name: str) -> str:
    """A name as one class whatever made it: in Unicode's composed form.

    Raises:
        UserError: for one that would look like another and not be it.
    """
    if name != name.strip():
        raise UserError(
            f"{where}: {name!r} begins or ends with a space; remove it"
        )
    if any(unicodedata.category(c) in _UNWANTED for c in name):
        raise UserError(
            f"{where}: {name!r} holds a character that is no text; remove it"
        )
    return unicodedata.normalize("NFC", name)
