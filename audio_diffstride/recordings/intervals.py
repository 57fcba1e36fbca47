"""From annotations with begin and end times to windows with labels.

The windows of a recording begin at 0, `hop_s`, 2 `hop_s` and so on, up to the
first that reaches its end, as `predict` cuts them. A window has a class if an
annotation of it overlaps the window by enough: by a share, `overlap`, of the
shorter of the two. Time without annotations is background: a window there has
none of the classes.

An annotation `?` marks sound that nobody has named. Windows that it touches
have the classes of other annotations, and nothing is known of the rest.

Annotations of the same class may overlap. Each counts by itself.
"""

from __future__ import annotations

import dataclasses
import math
import os
import pathlib
from collections.abc import Iterable, Iterator, Sequence

from audio_diffstride.audio import reading
from audio_diffstride.datasets.kinds import UNKNOWN, Label, Labels, present
from audio_diffstride.errors import UserError
from audio_diffstride.recordings.recording import Recording

# An annotation may end this long after its recording: times are rounded.
_END_TOLERANCE_S = 0.05
_ROUNDING_S = 1e-4
_MAX_DURATION_S = 48 * 3600


@dataclasses.dataclass(frozen=True)
class WindowRule:
    """Which windows are cut, and when one has a class.

    Attributes:
        window_s: length of a window.
        hop_s: from the start of one window to the next.
        overlap: from 0 to 1: the share of the shorter of annotation and window
            in which they must overlap.
    """

    window_s: float
    hop_s: float
    overlap: float = 0.5

    def windows(self, duration_s: float) -> list[tuple[float, float]]:
        """The start and end of each window of a recording.

        >>> WindowRule(1.0, 0.5).windows(1.8)
        [(0.0, 1.0), (0.5, 1.5), (1.0, 1.8)]
        """
        beyond_s = max(duration_s - self.window_s - _ROUNDING_S, 0)
        starts = [
            round(number * self.hop_s, 6)
            for number in range(1 + math.ceil(beyond_s / self.hop_s))
        ]
        return [
            (start_s, round(min(start_s + self.window_s, duration_s), 6))
            for start_s in starts
        ]

    def gives_label(
        self, annotation: tuple[float, float], window: tuple[float, float]
    ) -> bool:
        """Whether a window has the class of an annotation.

        >>> rule = WindowRule(1.0, 0.5)
        >>> rule.gives_label((0.9, 1.1), (0.0, 1.0))
        True
        >>> rule.gives_label((0.6, 9.0), (0.0, 1.0))
        False
        """
        shorter_s = min(annotation[1] - annotation[0], window[1] - window[0])
        needed_s = self.overlap * shorter_s - 1e-6
        return _overlap_s(annotation, window) >= max(needed_s, 1e-6)


@dataclasses.dataclass(frozen=True)
class Annotation:
    """A row of a table of annotations.

    Attributes:
        where: its table and row, for messages.
        segment: the file, the time and the labels. Without a time nothing in
            the file is annotated, and all of it is background.
        score: how probable it is to the one who wrote it, if known.
    """

    where: str
    segment: Recording
    score: float | None = None

    def times_s(self, duration_s: float) -> tuple[float, float]:
        """Begin and end in a recording of this length.

        Raises:
            UserError: if it ends after the recording.
        """
        start_s = self.segment.start_s or 0.0
        end_s = self.segment.end_s
        end_s = duration_s if end_s is None else end_s
        if end_s > duration_s + _END_TOLERANCE_S or start_s >= duration_s:
            raise UserError(
                f"{self.where}: the annotation from {start_s:g} to {end_s:g} s "
                f"is beyond the end of {self.segment.path}, which is "
                f"{duration_s:.3f} s long; correct its times"
            )
        return start_s, min(end_s, duration_s)


def by_file(
    annotations: Iterable[Annotation],
) -> dict[pathlib.Path, list[Annotation]]:
    """The annotations of each file.

    Raises:
        UserError: for rows of a file that differ in split or group.
    """
    files: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        segment = annotation.segment
        of_file = files.setdefault(os.path.normpath(segment.path), [])
        of_file.append(annotation)
        for field in ("split", "group"):
            this = getattr(segment, field)
            first = getattr(of_file[0].segment, field)
            if first != this:
                raise UserError(
                    f"{annotation.where}: the {field} of {segment.path} is "
                    f"{this!r}, but {first!r} in {of_file[0].where}; give all "
                    "rows of a file the same"
                )
    return {of[0].segment.path: of for of in files.values()}


def cut(annotations: Sequence[Annotation], rule: WindowRule) -> list[Recording]:
    """The windows of all annotated files, with their labels.

    A file that cannot be opened stays one recording. Where it is decoded, it is
    reported as any other.

    Raises:
        UserError: for an annotation beyond the end of its file.
    """
    tasks = list(
        dict.fromkeys(task for a in annotations for task in a.segment.labels)
    )
    recordings: list[Recording] = []
    for path, of_file in by_file(annotations).items():
        try:
            duration_s = measure_s(path)
        except UserError:
            recordings.append(_whole(of_file, tasks))
            continue
        recordings += _cut_file(of_file, duration_s, tasks, rule)
    return recordings


def _whole(
    annotations: Sequence[Annotation], tasks: Sequence[str]
) -> Recording:
    """A file that cannot be cut, with all classes of its annotations."""
    labels: dict[str, Label] = {}
    for task in tasks:
        labels_of_task = [a.segment.labels.get(task) for a in annotations]
        names = {
            name
            for label in labels_of_task
            for name in (present(label) if label else ())
        }
        labels[task] = Labels(tuple(sorted(names - {UNKNOWN})))
    return dataclasses.replace(
        annotations[0].segment, labels=labels, start_s=None, end_s=None
    )


def measure_s(path: pathlib.Path) -> float:
    """The length of a recording; decoded where its header does not say it.

    Raises:
        UserError: for a file that cannot be read.
    """
    with reading.open_recording(path, path) as file:
        rate_hz = file.samplerate
        frames = reading.frames_in_header(file)
        if frames is None:
            blocks = reading.read_mono_blocks(file, path, rate_hz)
            frames = sum(map(len, blocks))
        if frames > _MAX_DURATION_S * rate_hz:
            raise UserError(
                f"{path} claims to be {frames / rate_hz / 3600:,.0f} hours "
                f"long, but may have {_MAX_DURATION_S / 3600:.0f} to be cut "
                "into windows; split it"
            )
        return frames / rate_hz


def _cut_file(
    annotations: Sequence[Annotation],
    duration_s: float,
    tasks: Sequence[str],
    rule: WindowRule,
) -> Iterator[Recording]:
    windows = rule.windows(duration_s)
    found: list[dict[str, dict[str, None]]] = [{} for _ in windows]
    for annotation in annotations:
        times_s = annotation.times_s(duration_s)
        # The windows that can overlap it, and one more for rounding.
        first = int((times_s[0] - rule.window_s) / rule.hop_s)
        last = int(times_s[1] / rule.hop_s) + 1
        for number in range(max(first, 0), min(last + 1, len(windows))):
            window = windows[number]
            touches = _overlap_s(times_s, window) > 1e-6
            for task, label in annotation.segment.labels.items():
                for name in present(label):
                    has_it = rule.gives_label(times_s, window)
                    if has_it or (name == UNKNOWN and touches):
                        found[number].setdefault(task, {})[name] = None
    for window, of_tasks in zip(windows, found):
        labels: dict[str, Label] = {}
        for task in tasks:
            names = of_tasks.get(task, {})
            classes = tuple(sorted(name for name in names if name != UNKNOWN))
            if UNKNOWN not in names:
                labels[task] = Labels(classes)
            elif classes:
                labels[task] = Labels(classes, absent=())
        if labels:
            yield dataclasses.replace(
                annotations[0].segment,
                labels=labels,
                start_s=window[0],
                end_s=window[1],
            )


def _overlap_s(one: tuple[float, float], other: tuple[float, float]) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])
