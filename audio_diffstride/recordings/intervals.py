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
from collections.abc import Iterator, Sequence

from audio_diffstride.datasets.kinds import UNKNOWN, Label, Labels, present
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import annotation
from audio_diffstride.recordings.annotation import Annotation
from audio_diffstride.recordings.recording import Recording

_ROUNDING_S = 1e-4


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
    for path, of_file in annotation.by_file(annotations).items():
        try:
            duration_s = annotation.measure_s(path)
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


def _cut_file(
    annotations: Sequence[Annotation],
    duration_s: float,
    tasks: Sequence[str],
    rule: WindowRule,
) -> Iterator[Recording]:
    windows = rule.windows(duration_s)
    found: list[dict[str, dict[str, None]]] = [{} for _ in windows]
    for row in annotations:
        times_s = row.times_s(duration_s)
        # The windows that can overlap it, and one more for rounding.
        first = int((times_s[0] - rule.window_s) / rule.hop_s)
        last = int(times_s[1] / rule.hop_s) + 1
        for number in range(max(first, 0), min(last + 1, len(windows))):
            window = windows[number]
            touches = _overlap_s(times_s, window) > 1e-6
            for task, label in row.segment.labels.items():
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
