"""95 % intervals: how much scores would vary with other recordings.

A percentile bootstrap resamples the evaluated recordings with replacement,
1,000 times. The interval holds the middle 95 % of the scores. Recordings of
one group (a speaker, a site, a day) are alike, so they carry less information
than recordings of many groups. Where there are groups, whole groups are drawn.

With few groups, or few errors, the interval is too narrow: they show little of
how others vary. Where all recordings are right, or all wrong, a bootstrap says
nothing. Then the interval is the exact one of Clopper and Pearson (Biometrika,
1934), for as many trials as there are groups or recordings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

NUM_RESAMPLES = 1000
_LEVEL = 0.95
_EDGES = ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2)
_SEED = 0  # the same recordings and scores give the same interval
# Resamples in memory at a time, fewer where they hold more numbers than this.
_DRAWN_AT_ONCE = 100
_MAX_NUMBERS = 5_000_000


def intervals(
    labels: np.ndarray,
    correct: np.ndarray,
    groups: Sequence[str] = (),
    num_resamples: int = NUM_RESAMPLES,
) -> tuple[dict[str, list[float]], str]:
    """Intervals of the accuracy and of the mean accuracy per class.

    With only one group, recordings are drawn. If only some recordings have a
    group, each of the others is a group of its own. Classes without a
    recording in a resample are left out of its mean.

    Args:
        labels: class indices, of shape (recordings,).
        correct: whether each prediction is right, of the same shape.
        groups: the group of each, or ""; may be empty.
        num_resamples: number of resamples.

    Returns:
        {"accuracy": [low, high], "balanced_accuracy": [low, high]}, and what
        was drawn: "groups" or "recordings".
    """
    labels, correct = np.asarray(labels), np.asarray(correct, bool)
    # A unit is a group or a recording. It enters a score only by its counts
    # of recordings per class and outcome.
    num_classes = int(labels.max()) + 1
    outcome = labels + num_classes * correct
    resampled = what_is_drawn(groups)
    if resampled == "groups":
        import scipy.sparse

        unit = number_units(groups)
        # A group has few of many classes.
        counts = scipy.sparse.csr_array(
            (np.ones(len(unit), int), (unit, outcome)),
            shape=(unit.max() + 1, 2 * num_classes),
        )
        num_alike = np.ones(counts.shape[0], int)
    else:
        counts = np.eye(2 * num_classes, dtype=int)
        num_alike = np.bincount(outcome, minlength=2 * num_classes)
    accuracies = _resampled_accuracies(counts, num_alike, num_resamples)
    found = {name: middle(values) for name, values in accuracies.items()}
    if correct.all() or not correct.any():
        of_all = _exact_interval(int(num_alike.sum()), bool(correct.all()))
        found = dict.fromkeys(found, of_all)
    return found, resampled


def share_intervals(
    parts: np.ndarray, totals: np.ndarray
) -> list[list[float] | None]:
    """Intervals of shares, such as precisions, whose parts are counted.

    Args:
        parts: what counts, of each unit (a group, or a recording) and share:
            of shape (units, shares).
        totals: of what, of the same shape.

    Returns:
        [low, high] of each share of the sums over all units; None where there
        is nothing to count.

    >>> share_intervals(np.array([[2], [1]]), np.array([[2], [1]]))
    [[0.158..., 1.0]]
    """
    num_units, num_shares = parts.shape
    both = np.concatenate([parts, totals], axis=1)
    times = _draw(np.ones(num_units, int), NUM_RESAMPLES)
    drawn = np.concatenate([some @ both for some in times])
    found: list[list[float] | None] = []
    for i in range(num_shares):
        part, total = parts[:, i].sum(), totals[:, i].sum()
        if not total:
            found.append(None)
        elif part in (0, total):
            trials = int(np.count_nonzero(totals[:, i]))
            found.append(_exact_interval(trials, bool(part)))
        else:
            some = drawn[drawn[:, num_shares + i] > 0]
            found.append(middle(some[:, i] / some[:, num_shares + i]))
    return found


def what_is_drawn(groups: Sequence[str]) -> str:
    """What a resample draws: "groups", if there are two, or "recordings".

    >>> what_is_drawn(["ann", "bob", ""]), what_is_drawn(["ann", "ann"])
    ('groups', 'recordings')
    """
    several = len({name for name in groups if name}) > 1
    return "groups" if several else "recordings"


def resamples(
    num_recordings: int,
    groups: Sequence[str] = (),
    num_resamples: int = NUM_RESAMPLES,
) -> Iterator[np.ndarray]:
    """Yields how often each recording is drawn, some resamples at a time.

    Args:
        num_recordings: of the split.
        groups: the group of each, or ""; may be empty.
        num_resamples: number of resamples.

    Yields:
        Whole numbers, of shape (resamples, recordings).
    """
    unit = np.arange(num_recordings)
    if what_is_drawn(groups) == "groups":
        unit = number_units(groups)
    num_units = int(unit.max()) + 1
    ones = np.ones(num_units, int)
    for times in _draw(ones, num_resamples, num_recordings):
        yield times[:, unit]


def middle(values: np.ndarray) -> list[float]:
    """The ends of the middle 95 % of values."""
    return [float(edge) for edge in np.quantile(values, _EDGES)]


def _draw(
    num_alike: np.ndarray, num_resamples: int, num_numbers: int = 0
) -> Iterator[np.ndarray]:
    """Yields how often each kind of unit is drawn, some resamples at a time.

    Args:
        num_alike: number of units of each kind.
        num_resamples: number of resamples, each of as many units.
        num_numbers: what the caller makes of each; 0 is the number of kinds.
    """
    rng = np.random.default_rng(_SEED)
    num_units = num_alike.sum()
    num_numbers = num_numbers or len(num_alike)
    at_once = min(_DRAWN_AT_ONCE, max(1, _MAX_NUMBERS // num_numbers))
    for first in range(0, num_resamples, at_once):
        size = min(at_once, num_resamples - first)
        # As often as each comes up when units are drawn one by one.
        yield rng.multinomial(num_units, num_alike / num_units, size)


def _exact_interval(num_trials: int, successful: bool) -> list[float]:
    """The interval of a share of which all trials succeed, or all fail.

    >>> [round(edge, 3) for edge in _exact_interval(300, True)]
    [0.988, 1.0]
    """
    margin = 1 - ((1 - _LEVEL) / 2) ** (1 / num_trials)
    return [1 - margin, 1.0] if successful else [0.0, margin]


def number_units(groups: Sequence[str]) -> np.ndarray:
    """0, 1, ... per group. A recording without a group has its own number.

    >>> number_units(["ann", "bob", "", "ann", ""]).tolist()
    [0, 1, 2, 0, 3]
    """
    numbers: dict[tuple[str, int], int] = {}
    return np.array(
        [
            numbers.setdefault((name, -1 if name else place), len(numbers))
            for place, name in enumerate(groups)
        ]
    )


def _resampled_accuracies(
    counts: Any, num_alike: np.ndarray, num_resamples: int
) -> Mapping[str, np.ndarray]:
    """Both accuracies of every resample.

    Args:
        counts: recordings per kind of unit and outcome, an array or a sparse
            one of shape (kinds, 2 classes): first the wrong ones per class,
            then the right ones.
        num_alike: number of units of each kind.
        num_resamples: number of resamples, each of as many units.
    """
    drawn = [times @ counts for times in _draw(num_alike, num_resamples)]
    wrong, right = np.split(np.concatenate(drawn), 2, axis=1)
    total = wrong + right
    recall = np.divide(right, total, out=np.zeros(right.shape), where=total > 0)
    return {
        "accuracy": right.sum(axis=1) / total.sum(axis=1),
        "balanced_accuracy": recall.sum(axis=1) / (total > 0).sum(axis=1),
    }
