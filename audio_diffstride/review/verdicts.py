"""The table in which people say whether the class is in the clip."""

from __future__ import annotations

import csv
import dataclasses
import os
import pathlib
from collections.abc import Collection, Sequence

from audio_diffstride.errors import UserError, shortened
from audio_diffstride.review import table
from audio_diffstride.review.selection import DEFAULT_TASK, Found
from audio_diffstride.terminal.suggestions import did_you_mean

NAME = "verdicts.csv"
COLUMNS = (
    "path",
    "start_s",
    "end_s",
    "task",
    "label",
    "score",
    "clip",
    "verdict",
)
_NEEDED = {
    name: (name,) for name in ("path", "start_s", "end_s", "label", "verdict")
}
_YES = {"yes", "y", "1", "1.0", "true", "ja", "j", "oui", "si", "sí", "wahr"}
_NO = {"no", "n", "0", "0.0", "false", "nein", "non", "falsch"}
_UNSURE = {"", "?", "unsure"}
_CLASS = "class:"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a person says of a clip.

    Attributes:
        where: its row, for messages.
        path: of the recording.
        start_s: where the detection begins.
        end_s: where it ends.
        task: the task.
        label: the class that was found.
        heard: the class that is there: `label`, another one, or None if it is
            only known that `label` is not.
    """

    where: str
    path: pathlib.Path
    start_s: float
    end_s: float
    task: str
    label: str
    heard: str | None

    @property
    def is_right(self) -> bool:
        """Whether the detection is."""
        return self.heard == self.label


def write(
    path: pathlib.Path,
    final: pathlib.Path,
    found: Sequence[Found],
    clips: Sequence[pathlib.PurePath],
) -> None:
    """Writes the table without verdicts.

    Args:
        path: where it is written.
        final: where it will be: paths are relative to that folder.
        found: the detections.
        clips: the names of their files, without suffixes.
    """
    # With the mark by which spreadsheets know UTF-8.
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one, clip in zip(found, clips):
            writer.writerow(
                [
                    table.relative(one.path, final.parent),
                    one.start_s,
                    one.end_s,
                    one.task,
                    one.label,
                    one.score,
                    f"{clip.as_posix()}.wav",
                    "",
                ]
            )


def is_filled(path: pathlib.Path) -> bool:
    """Whether somebody has worked on a table, as far as can be told."""
    try:
        rows = list(table.read(path, _NEEDED))
    except UserError:  # a spreadsheet has saved it in its own way
        return True
    return any(row["verdict"] for _, row in rows)


def read(
    path: pathlib.Path, more_classes: Collection[str] = ()
) -> tuple[list[Verdict], int]:
    """Reads the verdicts of a table, of which some may be missing.

    Args:
        path: the table.
        more_classes: that a verdict may name, beside those of the table.

    Returns:
        The verdicts, and the number of rows without one.

    Raises:
        UserError: for a table that is none, or a verdict that is not
            understood.
    """
    rows = list(table.read(path, _NEEDED))
    classes: dict[str, set[str]] = {}
    for _, row in rows:
        classes.setdefault(row.get("task") or DEFAULT_TASK, set()).add(
            row["label"]
        )
    verdicts, missing = [], 0
    for where, row in rows:
        task = row.get("task") or DEFAULT_TASK
        if row["verdict"].lower() in _UNSURE:
            missing += 1
            continue
        heard = _understand(
            where, row["verdict"], row["label"], {*classes[task], *more_classes}
        )
        start_s, end_s = table.span(where, row)
        if not row["path"] or not row["label"]:
            raise UserError(f"{where}: no path or no label; remove the row")
        recording = path.parent / row["path"]
        if not os.path.isfile(recording):  # a name may be too long
            raise UserError(
                f"{where}: there is no recording {row['path']!r} beside the "
                "table; put the table back, or correct the paths"
            )
        verdicts.append(
            Verdict(where, recording, start_s, end_s, task, row["label"], heard)
        )
    return verdicts, missing


def _understand(
    where: str, text: str, label: str, classes: Collection[str]
) -> str | None:
    """The class that is there; None if only `label` is known to be absent."""
    word = text.lower()
    if word.startswith(_CLASS):
        text = text[len(_CLASS) :].strip()
        is_yes = is_no = False
    else:
        is_yes, is_no = word in _YES, word in _NO
    if text in classes:
        if (is_yes and text != label) or is_no:
            raise UserError(
                f"{where}: the verdict {text!r} is a class and may also mean "
                f"{'yes' if is_yes else 'no'}; write {_CLASS}{text}, or yes or "
                "no"
            )
        return text
    if is_yes or is_no:
        return label if is_yes else None
    hint = did_you_mean(text, classes, otherwise="")
    raise UserError(
        f"{where}: the verdict {shortened(text)} is neither yes nor no nor a "
        f"class of the table; {hint + ' ' if hint else ''}"
        f"give a class that is not in the table by --class too"
    )
