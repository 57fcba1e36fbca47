"""Read detections as times by recording and class."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Mapping

import numpy as np

from audio_diffstride.datasets.kinds import (
    Labels,
    is_reported,
    present,
)
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.events.recording_names import RecordingNames
from audio_diffstride.events.truth import Key, Truth
from audio_diffstride.recordings import (
    annotation_files,
    table_text,
)
from audio_diffstride.recordings.annotation import Annotation
from audio_diffstride.recordings.recording import (
    Recording,
    read_score,
    read_times,
)

_FILE, _CLASS, _TASK, _SCORE = "file", "class", "task", "score"
_START, _END = "start_s", "end_s"


@dataclasses.dataclass(frozen=True)
class Found:
    """What was detected.

    Attributes:
        times_s: {(recording, class): begin and end, of shape (rows, 2)}.
        scores: {(recording, class): of shape (rows,)}; nan where there is none.
    """

    times_s: dict[Key, np.ndarray]
    scores: dict[Key, np.ndarray]


def read_found(
    path: pathlib.Path,
    truth: Truth,
    columns: Mapping[str, str],
    note: Callable[[str], object],
) -> Found:
    """Reads detections: a CSV as `predict` writes it, or Raven tables.

    Args:
        path: the CSV, a Raven table, or a folder of them.
        truth: what they are compared with. Detections in other recordings are
            left out, and a line counts them.
        columns: {file, start_s, end_s, class, task or score: column of the
            CSV}, where it has other names.
        note: called with each line that the user should read.

    Raises:
        UserError: for a table that is invalid. It names the file and the row.
    """
    if not path.exists():
        raise UserError(f"--detections {path} does not exist")
    if path.is_dir() or path.suffix.lower() == annotation_files.SUFFIX:
        rows = annotation_files.read(path, [], columns, note)
    else:
        rows = _read_csv(path, columns)
    tasks = {name for row in rows for name in row.segment.labels}
    task = truth.task if truth.task in tasks or len(tasks) != 1 else [*tasks][0]
    if tasks and task not in tasks:
        raise UserError(
            f"{path} has detections of {join_some(sorted(tasks), 10)}, but the "
            f"annotations are of {task}; name the task by --task"
        )
    names_of_files = RecordingNames(truth.files)
    times: dict[Key, list[tuple[float, float]]] = {}
    scores: dict[Key, list[float]] = {}
    others: list[pathlib.Path] = []
    for row in rows:
        number = names_of_files.find(row.segment.path, row.where)
        names = present(row.segment.labels.get(task, Labels()))
        if number is None:
            others += [row.segment.path] * bool(names)
            continue
        for name in names:
            if is_reported(name):
                score = np.nan if row.score is None else row.score
                times.setdefault((number, name), []).append(
                    (row.segment.start_s or 0.0, row.segment.end_s or 0.0)
                )
                scores.setdefault((number, name), []).append(score)
    if others:
        note(
            f"{len(others):,} detections are left out, such as one in "
            f"{others[0]}: their recordings are not annotated"
        )
    new = sorted({name for _, name in times} - {*truth.classes})
    if new:
        note(
            f"no annotation is of {join_some(new)}: all detections of it are "
            "false alarms"
        )
    return Found(
        {key: np.array(each) for key, each in times.items()},
        {key: np.array(each) for key, each in scores.items()},
    )


def _read_csv(
    path: pathlib.Path, columns: Mapping[str, str]
) -> list[Annotation]:
    ours = (_FILE, _START, _END, _CLASS, _TASK, _SCORE)
    of = {name: columns.get(name, name) for name in ours}
    cells = table_text.read(path, [of[_FILE]])
    header = cells.header
    for name in (_FILE, _START, _END, _CLASS):
        if of[name] not in header:
            raise UserError(
                f"{path} has no column {of[name]!r}; it has "
                f"{join_some(header, 10)}; name it by --detection_columns "
                f"{name}=COLUMN"
            )
    rows = []
    for number, values in enumerate(cells.rows, start=2):
        where = f"{path}, row {number}"
        if len(values) != len(header):
            raise UserError(
                f"{where}: {len(values)} columns, not {len(header)} as in the "
                "header; correct the row"
            )
        row = dict(zip(header, values))
        start_s, end_s = read_times(where, row, of[_START], of[_END])
        name = row[of[_CLASS]]
        if end_s is None or not name or not row[of[_FILE]]:
            raise UserError(
                f"{where}: a detection needs a file, a class and times; "
                "complete the row, or remove it"
            )
        segment = Recording(
            pathlib.Path(row[of[_FILE]]),
            {row.get(of[_TASK]) or _CLASS: name},
            start_s=start_s,
            end_s=end_s,
        )
        score = read_score(where, row, of[_SCORE])
        rows.append(Annotation(where, segment, score))
    return rows
