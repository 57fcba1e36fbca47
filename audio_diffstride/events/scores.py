"""Scores of events: at a threshold, and over all thresholds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from audio_diffstride.events import matching
from audio_diffstride.events.detection_tables import Found
from audio_diffstride.events.matching import Tolerance
from audio_diffstride.events.truth import Truth

ALL_CLASSES = ""
MAX_THRESHOLDS = 100


@dataclasses.dataclass(frozen=True)
class Counts:
    """Events of a class, or of all.

    Attributes:
        right: found events that are annotated.
        found: found events, without those that touch unknown sound and are
            not right.
        true: annotated events.
        hours: of the recordings.
    """

    right: int
    found: int
    true: int
    hours: float

    @property
    def precision(self) -> float:
        """The share of found events that are right; nan if none is found."""
        return self.right / self.found if self.found else float("nan")

    @property
    def recall(self) -> float:
        """The share of annotated events that are found; nan without any."""
        return self.right / self.true if self.true else float("nan")

    @property
    def f1(self) -> float:
        """The harmonic mean of both; nan where there are no events at all."""
        total = self.found + self.true
        return 2 * self.right / total if total else float("nan")

    @property
    def false_alarms_per_hour(self) -> float:
        """Found events that are not right, per hour of recordings."""
        return (self.found - self.right) / self.hours

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.right + other.right,
            self.found + other.found,
            self.true + other.true,
            self.hours,
        )


def count(
    truth: Truth,
    found: Found,
    threshold: float | None,
    tolerance: Tolerance,
    hop_s: float | None = None,
) -> dict[str, Counts]:
    """Counts the events of each class.

    Args:
        truth: what is annotated.
        found: what was detected.
        threshold: the lowest score of a detection; None takes all.
        tolerance: how far the times may be off.
        hop_s: see `matching.join`.

    Returns:
        {class: counts}, and those of all together as `ALL_CLASSES`.
    """
    names = sorted({name for _, name in (*truth.events, *found.times_s)})
    zero = Counts(0, 0, 0, truth.hours)
    counts = {ALL_CLASSES: zero, **dict.fromkeys(names, zero)}
    none = np.zeros((0, 2))
    for number, name in {**truth.events, **found.times_s}:
        key = number, name
        true_s = truth.events.get(key, none)
        found_s = found.times_s.get(key, none)
        if threshold is not None and key in found.scores:
            found_s = found_s[found.scores[key] >= threshold]
        found_s = matching.join(found_s, hop_s)
        right = tolerance.match(true_s, found_s)
        unknown = truth.unknown.get(number, none)
        ignored = ~right & matching.touch(found_s, unknown)
        one = Counts(
            int(right.sum()),
            int((~ignored).sum()),
            len(true_s),
            truth.hours,
        )
        counts[name] += one
        counts[ALL_CLASSES] += one
    return counts


def thresholds(found: Found) -> list[float]:
    """The thresholds of a curve: at most 100.

    They are the scores. Of more, half lie at equal distances, and half have
    equally many scores between them.
    """
    each = [*found.scores.values()]
    scores = np.unique(np.concatenate(each)) if each else np.zeros(0)
    scores = scores[np.isfinite(scores)]
    if len(scores) > MAX_THRESHOLDS:
        half = MAX_THRESHOLDS // 2
        places = np.linspace(0, len(scores) - 1, half).round().astype(int)
        even = np.linspace(scores[0], scores[-1], half)
        scores = np.union1d(scores[places], even)
    return scores.tolist()


def curve(
    truth: Truth,
    found: Found,
    tolerance: Tolerance,
    hop_s: float | None = None,
) -> Iterator[tuple[float | None, dict[str, Counts]]]:
    """The counts at each threshold; a single one where there are no scores."""
    values: Sequence[float | None] = thresholds(found) or [None]
    for threshold in values:
        yield threshold, count(truth, found, threshold, tolerance, hop_s)
