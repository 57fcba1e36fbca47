"""Recordings with labels as a CSV that `train` reads."""

from __future__ import annotations

import csv
import io
import pathlib
from collections.abc import Callable, Sequence

from audio_diffstride.datasets.kinds import SEVERAL_LABELS, Label, Labels
from audio_diffstride.files import atomic
from audio_diffstride.recordings import manifest
from audio_diffstride.recordings.recording import Recording
from audio_diffstride.review import table

_Cell = Callable[[Recording], object]


def write(path: pathlib.Path, recordings: Sequence[Recording]) -> None:
    """Writes a row for each recording.

    A task with several labels has a column TASK:CLASS for each class, of 1, 0
    and nothing where it is not known.

    Args:
        path: the CSV. Paths in it are relative to its folder.
        recordings: at least one.
    """
    columns: dict[str, _Cell] = {
        "path": lambda one: table.relative(one.path, path.parent)
    }
    for name in ("start_s", "end_s", "split", "group"):
        if any(getattr(one, name) not in ("", None) for one in recordings):
            columns[name] = _attribute(name)
    for task, kind in manifest.kinds(recordings).items():
        if kind is not SEVERAL_LABELS:
            columns[task] = _label(task)
            continue
        for name in _classes(task, recordings):
            columns[f"{task}:{name}"] = _mark(task, name)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for one in recordings:
        writer.writerow([cell(one) for cell in columns.values()])
    atomic.write_text(path, text.getvalue())


def _classes(task: str, recordings: Sequence[Recording]) -> list[str]:
    found: set[str] = set()
    for one in recordings:
        label = one.labels.get(task)
        if isinstance(label, Labels):
            found |= {*label.present, *(label.absent or ())}
    return sorted(found)


def _attribute(name: str) -> _Cell:
    return lambda one: getattr(one, name)  # None is an empty cell


def _label(task: str) -> _Cell:
    return lambda one: one.labels.get(task, "")


def _mark(task: str, name: str) -> _Cell:
    return lambda one: mark(one.labels.get(task), name)


def mark(label: Label | None, name: str) -> str:
    """The cell of a class.

    >>> mark(Labels(("wren",)), "owl"), mark(Labels(("wren",), ()), "owl")
    ('0', '')
    """
    if not isinstance(label, Labels):
        return ""
    if name in label.present:
        return "1"
    return "0" if label.absent is None or name in label.absent else ""
