"""The threshold of a class for a wanted precision, recall or F1.

A window counts as of the class if its score reaches the threshold. Scores and
truths of one class are arrays of shape (windows,).
"""

from __future__ import annotations

import dataclasses
from typing import Literal, NamedTuple

import numpy as np

# A class needs so many recordings, and a threshold must keep so many windows.
# Ten right ones out of ten have a 95 % interval from 69 to 100 %.
EVIDENCE = 10


@dataclasses.dataclass(frozen=True)
class Aim:
    """What a threshold is for.

    Attributes:
        score: the score that counts.
        value: the least that it must be; for "f1" there is none.
        pooled: whether all classes of a task have one threshold. It rests on
            more windows than that of a class, and may hold better for others.
    """

    score: Literal["precision", "recall", "f1"]
    value: float | None = None
    pooled: bool = False

    def __str__(self) -> str:
        if self.value is None:
            return "the highest F1"
        return f"a {self.score} of {self.value:g}"


class Step(NamedTuple):
    """A threshold, and what it keeps.

    Attributes:
        threshold: half-way from the lowest score that it keeps to the next one.
            So the last bits of a score, which depend on the machine, do not
            matter.
        right: how many windows of the class it keeps.
        kept: how many windows it keeps.
    """

    threshold: float
    right: int
    kept: int


def best_steps(
    scores: np.ndarray, truths: np.ndarray, evidence: int = EVIDENCE
) -> list[Step]:
    """The thresholds that no other beats: by rising threshold and precision.

    Of two thresholds, one beats the other if its precision and its recall are
    both no lower, and one of them is higher. The best threshold for any aim is
    among those left.

    Args:
        scores: of the class, of shape (windows,).
        truths: whether a window is of the class, of the same shape.
        evidence: leave out thresholds that keep fewer windows.

    >>> [*map(tuple, best_steps([0.75, 0.5, 0.25, 0], [1, 0, 1, 0], 1))]
    [(0.125, 2, 3), (0.625, 1, 1)]
    """
    scores, truths = np.asarray(scores, float), np.asarray(truths, bool)
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    right = np.cumsum(truths[order])
    # Equal scores are kept together: the last of them has the counts.
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, len(scores) > 0))
    last = last[(last + 1 >= evidence) & (right[last] > 0)]
    # Of equal recalls, the highest threshold comes first.
    last = last[np.unique(right[last], return_index=True)[1]][::-1]
    precision = right[last] / (last + 1)
    before = np.maximum.accumulate(np.append(0.0, precision))[:-1]
    ordered = np.append(ordered, 0.0)
    return [
        Step(
            _between(float(ordered[place + 1]), float(ordered[place])),
            int(right[place]),
            int(place) + 1,
        )
        for place in last[precision > before]
    ]


def _between(low: float, high: float) -> float:
    """Half-way, but more than the lower one if there is no number between."""
    middle = (low + high) / 2
    return middle if middle > low else high


def choose(steps: list[Step], positives: int, aim: Aim) -> Step | None:
    """The best of `best_steps` for an aim; None if none reaches it.

    Args:
        steps: of the class.
        positives: how many windows are of the class.
        aim: a precision asks for the highest recall that has it, a recall for
            the highest precision that has it.
    """
    if aim.value is None:
        return max(
            steps,
            key=lambda s: 2 * s.right / (s.kept + positives),
            default=None,
        )
    if aim.score == "precision":
        enough = [s for s in steps if s.right / s.kept >= aim.value]
        return enough[0] if enough else None
    enough = [s for s in steps if s.right / positives >= aim.value]
    return enough[-1] if enough else None
