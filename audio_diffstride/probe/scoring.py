"""Scores of probes on one task: cross-validated, and from few examples."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence

import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import bootstrap
from audio_diffstride.probe import classifiers, divisions

SCORES = ("accuracy", "balanced_accuracy")
_LEVEL = 0.95


@dataclasses.dataclass(frozen=True)
class Labelled:
    """The recordings of a task.

    Attributes:
        vectors: of shape (recordings, numbers).
        labels: class indices, of shape (recordings,).
        classes: the names, by index.
        folds: of the cross-validation.
    """

    vectors: np.ndarray
    labels: np.ndarray
    classes: list[str]
    folds: divisions.Folds


@dataclasses.dataclass(frozen=True)
class Score:
    """A probe's accuracy, or balanced accuracy.

    Attributes:
        value: over all recordings; of several draws, their mean.
        interval: its 95 % interval; None for a single draw.
        deviation: of the draws; None without several.
        draws: the value of each draw; empty without draws.
    """

    value: float
    interval: tuple[float, float] | None
    deviation: float | None = None
    draws: tuple[float, ...] = ()


def cross_validate(
    data: Labelled, probe: str, num_neighbours: int
) -> dict[str, Score]:
    """Tests every recording once, on a probe that has not seen its fold.

    Args:
        data: the recordings.
        probe: one of `classifiers.NAMES`.
        num_neighbours: of the nearest neighbours.

    Returns:
        {one of `SCORES`: the score}. The intervals are `bootstrap.intervals`.
    """
    predicted = np.empty_like(data.labels)
    every = np.arange(len(data.labels))
    for test in data.folds.tests:
        train = np.setdiff1d(every, test)
        predicted[test] = _predict(data, probe, train, test, num_neighbours)
    intervals, _ = bootstrap.intervals(
        data.labels, predicted == data.labels, data.folds.groups
    )
    values = _scores(data.labels, predicted)
    return {
        name: Score(values[name], (intervals[name][0], intervals[name][1]))
        for name in SCORES
    }


def of_few_examples(
    data: Labelled,
    probe: str,
    num_neighbours: int,
    draws: Sequence[divisions.Draw],
) -> dict[str, Score]:
    """Trains on the examples of each draw.

    Returns:
        {one of `SCORES`: the score}. The intervals are Student's t, for the
        mean of draws from these recordings.
    """
    values = []
    for draw in draws:
        predicted = _predict(data, probe, draw.train, draw.test, num_neighbours)
        values.append(_scores(data.labels[draw.test], predicted))
    return {
        name: _over_draws(tuple(value[name] for value in values))
        for name in SCORES
    }


def _predict(
    data: Labelled,
    probe: str,
    train: np.ndarray,
    test: np.ndarray,
    num_neighbours: int,
) -> np.ndarray:
    labels = data.labels[train]
    if len(np.unique(labels)) < 2:
        raise UserError(
            f"a test set leaves only recordings of "
            f"{data.classes[labels[0]]} to train on; give other groups, or "
            "another --folds"
        )
    return classifiers.predict(
        probe, data.vectors[train], labels, data.vectors[test], num_neighbours
    )


def _scores(labels: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    right = predicted == labels
    recalls = [right[labels == index].mean() for index in np.unique(labels)]
    return {
        "accuracy": float(right.mean()),
        "balanced_accuracy": float(np.mean(recalls)),
    }


def _over_draws(values: tuple[float, ...]) -> Score:
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Score(mean, None, None, values)
    from scipy import stats

    deviation = statistics.stdev(values)
    margin = stats.t.ppf((1 + _LEVEL) / 2, len(values) - 1)
    margin *= deviation / len(values) ** 0.5
    interval = (max(0.0, mean - margin), min(1.0, mean + margin))
    return Score(mean, interval, deviation, values)
