"""Read annotations and detections, each as times by recording and class."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from audio_diffstride.datasets.kinds import (
    UNKNOWN,
    Labels,
    is_reported,
    present,
)
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.events import matching
from audio_diffstride.recordings import (
    annotation_files,
    intervals,
    table_text,
)
from audio_diffstride.recordings.intervals import Annotation
from audio_diffstride.recordings.recording import (
    Recording,
    read_score,
    read_times,
)

_FILE, _CLASS, _TASK, _SCORE = "file", "class", "task", "score"
_START, _END = "start_s", "end_s"
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


@dataclasses.dataclass(frozen=True)
class Found:
    """What was detected.

    Attributes:
        times_s: {(recording, class): begin and end, of shape (rows, 2)}.
        scores: {(recording, class): of shape (rows,)}; nan where there is none.
    """

    times_s: dict[Key, np.ndarray]
    scores: dict[Key, np.ndarray]


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
    for number, (file, of_file) in enumerate(intervals.by_file(rows).items()):
        files.append(file)
        duration_s = intervals.measure_s(file)
        seconds += duration_s
        for row in of_file:
            row_s = row.times_s(duration_s)
            for name in present(row.segment.labels.get(task, Labels())):
                times.setdefault((number, name), []).append(row_s)
    joined = {key: matching.join(np.array(each)) for key, each in times.items()}
    unknown = {n: joined[n, name] for n, name in joined if name == UNKNOWN}
    seconds -= sum(np.diff(each).sum() for each in unknown.values())
    events = {
        key: each
        for key, each in joined.items()
        if key[1] != UNKNOWN and is_reported(key[1])
    }
    return Truth(files, task, events, unknown, seconds / 3600)


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
    finder = _Finder(truth.files)
    times: dict[Key, list[tuple[float, float]]] = {}
    scores: dict[Key, list[float]] = {}
    others: list[pathlib.Path] = []
    for row in rows:
        number = finder.find(row.segment.path, row.where)
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


class _Finder:
    """Finds the annotated recording that a detection is in, by its name.

    The one is found that has most of the last parts of the path in common.
    """

    def __init__(self, files: Sequence[pathlib.Path]):
        self._by_name: dict[str, list[int]] = {}
        self._files = [file.absolute() for file in files]
        for number, file in enumerate(files):
            self._by_name.setdefault(file.name, []).append(number)
        self._found: dict[pathlib.Path, int | None] = {}

    def find(self, path: pathlib.Path, where: str) -> int | None:
        """The number of the recording; None if it is not annotated.

        Raises:
            UserError: if it may be one of several.
        """
        if path not in self._found:
            self._found[path] = self._search(path, where)
        return self._found[path]

    def _search(self, path: pathlib.Path, where: str) -> int | None:
        candidates = self._by_name.get(path.name, [])
        common = [_common(self._files[n].parts, path.parts) for n in candidates]
        best = [n for n, c in zip(candidates, common) if c == max(common)]
        if len(best) > 1:
            raise UserError(
                f"{where}: {path} may be {self._files[best[0]]} or "
                f"{self._files[best[1]]}; write more of its path"
            )
        return best[0] if best else None


def _common(one: Iterable[str], other: Iterable[str]) -> int:
    """How many of the last parts of two paths are equal."""
    count = 0
    for first, second in zip(reversed([*one]), reversed([*other])):
        if first != second:
            break
        count += 1
    return count
