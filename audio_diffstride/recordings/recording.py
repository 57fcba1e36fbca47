"""One of the user's own recordings: file, labels, split and group."""

from __future__ import annotations

import dataclasses
import pathlib
import unicodedata

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


@dataclasses.dataclass(frozen=True)
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
