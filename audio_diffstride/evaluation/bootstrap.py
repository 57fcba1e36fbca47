"""How far accuracies would move with other recordings: 95 % intervals.

A percentile bootstrap: what was evaluated is drawn again with replacement,
1,000 times, and the interval holds the middle 95 % of the scores. Recordings
of one group (a speaker, a site, a day) are alike, so that many of them tell
less than as many groups would; where there are groups, whole groups are drawn.

What it cannot see: a handful of groups, or of mistakes, says little of how
others vary, and its interval is then too narrow; without a mistake its width
is zero.
"""

from __future__ import annotations

import numpy as np

NUM_RESAMPLES = 1000
_LEVEL = 0.95
_SEED = 0  # the same recordings and scores give the same interval
_DRAWN_AT_ONCE = 100  # resamples in memory at a time


def intervals(
    labels: np.ndarray,
    correct: np.ndarray,
    groups=(),
    num_resamples: int = NUM_RESAMPLES,
) -> tuple[dict[str, list[float]], str]:
    """Intervals of the accuracy and of the mean accuracy per class.

    With one group only there are no others to draw, so recordings are drawn.
    A recording without a group among others that have one is its own group.
    A class that a resample has no recording of is left out of its mean.

    Args:
        labels: class indices, of shape (recordings,).
        correct: whether each was recognised, of the same shape.
        groups: the group of each, "" where it has none; may be empty.
        num_resamples: how often to draw.

    Returns:
        {"accuracy": [low, high], "balanced_accuracy": [low, high]}, and what
        was drawn: "groups" or "recordings".
    """
    labels, correct = np.asarray(labels), np.asarray(correct, bool)
    # Recordings of the same class and outcome count the same; what a unit
    # adds to a score is how many it has of each.
    num_classes = int(labels.max()) + 1
    outcome = labels + num_classes * correct
    if len({name for name in groups if name}) > 1:
        resampled = "groups"
        unit = _number_units(groups)
        num_outcomes = 2 * num_classes
        counts = np.bincount(unit * num_outcomes + outcome)
        counts.resize((unit.max() + 1) * num_outcomes)
        counts = counts.reshape(-1, num_outcomes).astype(float)
        units_alike = np.ones(len(counts), int)
    else:
        resampled = "recordings"
        counts = np.eye(2 * num_classes)
        units_alike = np.bincount(outcome, minlength=2 * num_classes)
    accuracies = _resampled_accuracies(counts, units_alike, num_resamples)
    edges = ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2)
    return {
        name: [float(edge) for edge in np.quantile(values, edges)]
        for name, values in accuracies.items()
    }, resampled


def _number_units(groups) -> np.ndarray:
    """0, 1, ... per group; a recording without one has its own number."""
    numbers: dict[tuple[str, int], int] = {}
    return np.array(
        [
            numbers.setdefault((name, -1 if name else place), len(numbers))
            for place, name in enumerate(groups)
        ]
    )


def _resampled_accuracies(counts, units_alike, num_resamples: int):
    """Both accuracies of every resample.

    Args:
        counts: recordings per kind of unit and outcome, of shape (kinds, 2
            classes): first the wrong ones per class, then the right ones.
        units_alike: how many units there are of each kind.
        num_resamples: how often to draw as many units as there are.
    """
    rng = np.random.default_rng(_SEED)
    num_units = units_alike.sum()
    drawn = []
    for first in range(0, num_resamples, _DRAWN_AT_ONCE):
        size = min(_DRAWN_AT_ONCE, num_resamples - first)
        # How often each kind comes up when units are drawn one by one.
        times = rng.multinomial(num_units, units_alike / num_units, size)
        drawn.append(times @ counts)
    wrong, right = np.split(np.concatenate(drawn), 2, axis=1)
    total = wrong + right
    recall = np.divide(right, total, out=np.zeros_like(right), where=total > 0)
    return {
        "accuracy": right.sum(axis=1) / total.sum(axis=1),
        "balanced_accuracy": recall.sum(axis=1) / (total > 0).sum(axis=1),
    }
