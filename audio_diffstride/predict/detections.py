"""From the logits of windows to detections: average, choose, merge."""

from __future__ import annotations

import collections.abc
import dataclasses
import typing

import numpy as np

from audio_diffstride.datasets.kinds import ONE_LABEL, is_reported
from audio_diffstride.predict.decisions import DecisionRule


@dataclasses.dataclass(frozen=True)
class ScoredWindow:
    """A part of a recording with its logits.

    Attributes:
        start_sample: where the part begins.
        end_sample: where it ends, or the recording if that is earlier.
        padded: whether zeros fill its end.
        windows: how many windows of the model it covers.
        logits: {task: array of shape (classes,)}.
    """

    start_sample: int
    end_sample: int
    padded: bool
    windows: int
    logits: dict[str, np.ndarray]


class Detection(typing.NamedTuple):
    """A class in a part of a recording: one row of every output.

    Attributes:
        start_s: where the part begins, in seconds.
        end_s: where it ends, in seconds; never after the recording.
        padded: whether zeros fill the end of its last window.
        windows: how many windows it covers.
        task: the task.
        label: the class.
        score: the probability of the class; the highest of several windows.
    """

    start_s: float
    end_s: float
    padded: bool
    windows: int
    task: str
    label: str
    score: float


def average(
    windows: collections.abc.Iterable[ScoredWindow], window_samples: int
) -> ScoredWindow:
    """Averages the logits of a recording, as evaluation does by default.

    The weight of a padded window is the share of it that is recording.
    """
    total: dict[str, np.ndarray] = {}
    weights, count = 0.0, 0
    for window in windows:
        weight = (window.end_sample - window.start_sample) / window_samples
        for task, logits in window.logits.items():
            total[task] = total.get(task, 0) + weight * logits.astype(float)
        weights += weight
        count += 1
    return ScoredWindow(
        start_sample=0,
        end_sample=window.end_sample,
        padded=window.padded,
        windows=count,
        logits={task: logits / weights for task, logits in total.items()},
    )


def choose(
    window: ScoredWindow,
    classes: collections.abc.Mapping[str, collections.abc.Sequence[str]],
    sample_rate_hz: int,
    rules: collections.abc.Mapping[str, DecisionRule],
    top: int | None = 1,
) -> list[Detection]:
    """Chooses the classes of a window that become detections, best first.

    Args:
        window: the window with its logits.
        classes: {task: class names}; other tasks are left out.
        sample_rate_hz: of the window's sample numbers.
        rules: {task: which of its scores are kept}.
        top: the largest number of rows of a task with one label; None keeps
            every class. Of several labels each may become a row. A class that
            is never reported counts, but gives no row.
    """
    chosen = []
    for task, names in classes.items():
        rule = rules[task]
        scores = rule.scores(window.logits[task])
        kept = rule.keeps(scores)
        best = np.argsort(-scores, kind="stable")
        if rule.kind is ONE_LABEL:
            best = best[:top]
        for index in best[kept[best]]:
            if not is_reported(names[index]):
                continue
            chosen.append(
                Detection(
                    window.start_sample / sample_rate_hz,
                    window.end_sample / sample_rate_hz,
                    window.padded,
                    window.windows,
                    task,
                    names[index],
                    # Later decimals depend on the machine.
                    round(float(scores[index]), 6),
                )
            )
    return chosen


def merge(
    rows_of_windows: collections.abc.Iterable[list[Detection]],
) -> collections.abc.Iterator[Detection]:
    """Joins detections of the same class that overlap or touch.

    So those of one class in the result neither overlap nor touch. Windows
    overlap where the hop is shorter than a window. Then two of them are joined
    although a window between them lacks the class.

    The result lasts from the start of the first window to the end of the last
    one. Its score is the highest of its windows: the one that reached the
    threshold. It counts only windows that have the class.

    At most one detection of each class is held at a time.

    Args:
        rows_of_windows: results of `choose` for consecutive windows.

    Yields:
        Detections in the order of their ends. So a class that lasts all day
        does not delay the others.
    """
    ongoing = Ongoing()
    for rows in rows_of_windows:
        if rows:
            yield from ongoing.add(rows[0].start_s, rows)
    yield from ongoing.rest()


class Ongoing:
    """The detections of `merge` that a later window may lengthen."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Detection] = {}

    def add(self, start_s: float, rows: list[Detection]) -> list[Detection]:
        """Adds the rows of a window.

        Args:
            start_s: where the window begins, no earlier than those before.
            rows: its detections.

        Returns:
            The detections that ended before the window.
        """
        ended = sorted(
            (row for row in self._rows.values() if row.end_s < start_s),
            key=_end,
        )
        for row in ended:
            del self._rows[row.task, row.label]
        for row in rows:
            before = self._rows.pop((row.task, row.label), None)
            if before is not None:
                row = row._replace(
                    start_s=before.start_s,
                    windows=before.windows + row.windows,
                    score=max(before.score, row.score),
                )
            self._rows[row.task, row.label] = row
        return ended

    def rest(self) -> list[Detection]:
        """The detections that have not ended yet."""
        return sorted(self._rows.values(), key=_end)


def _end(row: Detection) -> float:
    return row.end_s
