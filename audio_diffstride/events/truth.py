"""Read annotations as events by recording and class."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Mapping

import numpy as np

from audio_diffstride.datasets.kinds import (
    UNKNOWN,
    Labels,
    is_reported,
    present,
)
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.events import matching
from audio_diffstride.recordings import annotation, annotation_files

Key = tuple[int, str]  # the number of a recording, and a class


@dataclasses.dataclass(frozen=True)
class Truth:
    """What is annotated.

    Attributes:
        files: the annotated recordings.
        task: whose classes they are.
        events: {(recording, class): begin and end, of shape (events, 2)}.
            Those of a class that overlap or touch are one event.
        unknown: {recording: stretches that are annotated as `?`}.
        hours: of all recordings, without these stretches.
    """

    files: list[pathlib.Path]
    task: str
    events: dict[Key, np.ndarray]
    unknown: dict[int, np.ndarray]
    hours: float

    @property
    def classes(self) -> list[str]:
        """The classes of the events."""
        return sorted({name for _, name in self.events})


def read_truth(
    path: pathlib.Path,
    task: str | None,
    columns: Mapping[str, str],
    split: str | None,
    note: Callable[[str], object],
) -> Truth:
    """Reads annotations; see `annotation_files`.

    Args:
        path: a CSV, a Raven table, or a folder of tables beside recordings.
        task: whose classes to take; None is the only one.
        columns: how the CSV names its columns, as `data.columns`.
        split: the only one to take; None is all.
        note: called with each line that the user should read.

    Raises:
        UserError: for annotations that are invalid, or recordings that cannot
            be read.
    """
    if not path.exists():
        raise UserError(f"--annotations {path} does not exist")
    rows = annotation_files.read(path, [task] if task else [], columns, note)
    if split:
        rows = [row for row in rows if row.segment.split == split]
    if not rows:
        where = f"{path}, split {split}," if split else f"{path}"
        raise UserError(f"{where} has no annotations; give others")
    tasks = {name for row in rows for name in row.segment.labels} or {
        task or "label"
    }
    if len(tasks) > 1:
        raise UserError(
            f"{path} has annotations of {join_some(sorted(tasks), 10)}; pick "
            "one by --task"
        )
    (task,) = tasks
    times: dict[Key, list[tuple[float, float]]] = {}
    files, seconds = [], 0.0
    for number, (file, of_file) in enumerate(annotation.by_file(rows).items()):
        files.append(file)
        duration_s = annotation.measure_s(file)
        seconds += duration_s
        for row in of_file:
            row_s = row.times_s(duration_s)
            for name in present(row.segment.labels.get(task, Labels())):
                times.setdefault((number, name), []).append(row_s)
    joined = {key: matching.join(np.array(each)) for key, each in times.items()}
    unknown = {n: joined[n, name] for n, name in joined if name == UNKNOWN}
    seconds -= sum(np.diff(each).sum() for each in unknown.values())
    if seconds <= 0:
        raise UserError(
            f"all of {path} is annotated as {UNKNOWN!r}, so nothing can be "
            "compared; give other annotations"
        )
    events = {
        key: each
        for key, each in joined.items()
        if key[1] != UNKNOWN and is_reported(key[1])
    }
    return Truth(files, task, events, unknown, seconds / 3600)
