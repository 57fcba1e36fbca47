"""Logits of windows to detections: averaged, chosen, merged."""

from __future__ import annotations

import collections.abc
import dataclasses
import typing

import numpy as np

from audio_diffstride.evaluation.metrics import probabilities


@dataclasses.dataclass(frozen=True)
class ScoredWindow:
    """What the model said of a stretch of a recording.

    Attributes:
        start_sample: where the stretch begins.
        end_sample: where it, or the recording within it, ends.
        padded: whether zeros filled up its end.
        windows: how many windows of the model it is.
        logits: {task: array of shape (classes,)}.
    """

    start_sample: int
    end_sample: int
    padded: bool
    windows: int
    logits: dict[str, np.ndarray]

    @classmethod
    def of(cls, window, logits: dict[str, np.ndarray], row: int):
        """A `streams.Window` with its row of the logits of a batch."""
        return cls(
            start_sample=window.start_sample,
            end_sample=window.start_sample + window.held_samples,
            padded=window.padded,
            windows=1,
            logits={task: values[row] for task, values in logits.items()},
        )


class Detection(typing.NamedTuple):
    """A class in a stretch of a recording: one row of every output.

    Attributes:
        start_s: where the stretch begins, in seconds.
        end_s: where it ends; never beyond the recording.
        padded: whether its last window was filled up with zeros.
        windows: how many windows it is made of.
        task: what was asked.
        label: the class.
        score: its probability; of several windows the highest.
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
    """A whole recording: the mean of the logits, as evaluation takes it.

    A padded window weighs the share of it that is recording.
    """
    total, weights, count = {}, 0.0, 0
    for window in windows:
        weight = (window.end_sample - window.start_sample) / window_samples
        for task, logits in window.logits.items():
            total[task] = total.get(task, 0.0) + weight * logits.astype(float)
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
    classes: dict[str, list[str]],
    sample_rate_hz: int,
    top: int | None = 1,
    threshold: float = 0.0,
) -> list[Detection]:
    """The classes of a window that are worth a row, best first.

    Args:
        window: what the model said.
        classes: {task: class names}; other tasks are left out.
        sample_rate_hz: that makes samples seconds.
        top: rows per task at most; None is every class.
        threshold: what a probability must reach.
    """
    chosen = []
    for task, names in classes.items():
        scores = probabilities(window.logits[task])
        for index in np.argsort(-scores, kind="stable")[:top]:
            if scores[index] < threshold:
                break
            chosen.append(
                Detection(
                    window.start_sample / sample_rate_hz,
                    window.end_sample / sample_rate_hz,
                    window.padded,
                    window.windows,
                    task,
                    names[index],
                    # Beyond six decimals it depends on the machine.
                    round(float(scores[index]), 6),
                )
            )
    return chosen


def merge(
    rows_of_windows: collections.abc.Iterable[list[Detection]],
) -> collections.abc.Iterator[Detection]:
    """Detections of the same class in adjacent windows, made one.

    It reaches from the first window's start to the last one's end, and its
    score is the highest of its windows: what made it pass the threshold.

    Args:
        rows_of_windows: `choose` of consecutive windows, in order.

    Yields:
        Detections in the order in which they end, so that a class heard all
        day does not hold back all others.
    """
    open_ones = {}
    for rows in rows_of_windows:
        still_open = {}
        for row in rows:
            before = open_ones.pop((row.task, row.label), None)
            if before is not None:
                row = row._replace(
                    start_s=before.start_s,
                    windows=before.windows + row.windows,
                    score=max(before.score, row.score),
                )
            still_open[row.task, row.label] = row
        yield from open_ones.values()
        open_ones = still_open
    yield from open_ones.values()
