"""Which detections are worth the time of a person."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterable

import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.review import table

_COLUMNS = {
    "path": ("path", "file"),
    "start_s": ("start_s",),
    "end_s": ("end_s",),
    "label": ("class", "label"),
    "score": ("score",),
}
DEFAULT_TASK = "label"  # of a table without the column `task`


@dataclasses.dataclass(frozen=True)
class Found:
    """A detection of a table.

    Attributes:
        path: of the recording.
        start_s: where it begins.
        end_s: where it ends.
        task: the task.
        label: the class.
        score: how sure the model is.
    """

    path: pathlib.Path
    start_s: float
    end_s: float
    task: str
    label: str
    score: float

    def overlaps(self, other: Found) -> bool:
        """Whether it shares sound with another one."""
        return (
            self.path == other.path
            and self.start_s < other.end_s
            and other.start_s < self.end_s
        )


def read(path: pathlib.Path) -> list[Found]:
    """Reads a table of detections, as `predict` writes it as CSV.

    The paths in it are relative to the current folder, as in the command that
    wrote it, or to the table.

    Raises:
        UserError: for a table that is none, or a recording that is not there.
    """
    found = []
    places: dict[str, pathlib.Path] = {}
    for where, row in table.read(path, _COLUMNS):
        name = row["path"]
        if name not in places:
            places[name] = _find(where, name, path.parent)
        start_s, end_s = table.span(where, row)
        if not row["label"]:
            raise UserError(f"{where}: no class; remove the row")
        found.append(
            Found(
                places[name],
                start_s,
                end_s,
                row.get("task") or DEFAULT_TASK,
                row["label"],
                table.number(where, row, "score"),
            )
        )
    if not found:
        raise UserError(f"{path} has no detections; predict with a lower limit")
    return found


def _find(where: str, name: str, folder: pathlib.Path) -> pathlib.Path:
    if name and "\0" not in name:
        for path in (pathlib.Path(name), folder / name):
            if os.path.isfile(path):  # a name may be too long
                return path.absolute()
    raise UserError(
        f"{where}: there is no recording {name!r}, here or beside the table; "
        "run the command in the folder where predict ran"
    )


def select(
    found: Iterable[Found], count: int, at_random: bool = False
) -> list[Found]:
    """Chooses detections of each class that do not overlap.

    Args:
        found: all detections.
        count: at most so many of each class.
        at_random: a sample, always the same, in place of the highest scores.

    Returns:
        Those of each class together, the highest score first.
    """
    by_class: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        by_class.setdefault((one.task, one.label), []).append(one)
    selected = []
    for key in sorted(by_class):
        ranked = sorted(by_class[key], key=lambda one: -one.score)
        order = range(len(ranked))
        if at_random:
            order = np.random.default_rng(0).permutation(len(ranked)).tolist()
        chosen: list[int] = []
        for index in order:
            if len(chosen) == count:
                break
            if not any(ranked[index].overlaps(ranked[i]) for i in chosen):
                chosen.append(index)
        selected += [ranked[index] for index in sorted(chosen)]
    return selected
