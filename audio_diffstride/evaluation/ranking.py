"""How well classes are ranked, in many resamples of the recordings at once.

scikit-learn computes one score at a time, and a bootstrap needs thousands. Here
a resample is a weight for each recording: how often it is drawn. The order of
the scores is the same in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from audio_diffstride.datasets.kinds import NO_LABEL
from audio_diffstride.evaluation import bootstrap


def of_class(
    true: np.ndarray, score: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Average precision and AUROC of a class in every resample.

    Args:
        true: whether each recording has the class.
        score: of each recording.
        times: how often each is drawn, of shape (resamples, recordings).

    Returns:
        Both, of shape (resamples,). nan where a resample does not define it.

    >>> true, score = np.array([1, 0, 1]), np.array([0.9, 0.5, 0.1])
    >>> precision, auroc = of_class(true, score, np.ones((1, 3), int))
    >>> precision.round(3).tolist(), auroc.tolist()
    ([0.833], [0.5])
    """
    order = np.argsort(-score, kind="stable")
    # Recordings of equal score come up together.
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    drawn = times[:, order]
    found = np.cumsum(drawn, axis=1)[:, last]
    right = np.cumsum(drawn * true[order].astype(drawn.dtype), axis=1)[:, last]
    wrong = found - right
    more_right = np.diff(right, axis=1, prepend=0)
    more_wrong = np.diff(wrong, axis=1, prepend=0)
    with np.errstate(invalid="ignore"):  # nan, where there is nothing
        precision = (more_right * right / np.maximum(found, 1)).sum(axis=1)
        precision /= right[:, -1]
        # The mean height of each step, which is a slope where scores tie.
        area = (more_wrong * (right - more_right / 2)).sum(axis=1)
        area /= right[:, -1] * wrong[:, -1]
    return precision, area


def of_recordings(labels: np.ndarray, score: np.ndarray) -> np.ndarray:
    """The average precision of each recording over its classes.

    It is the mean over its labels of: labels ranked as high, by all known
    classes ranked as high. Its mean over recordings is scikit-learn's
    `label_ranking_average_precision_score`.

    Args:
        labels: 1, 0 and `NO_LABEL`, of shape (recordings, classes).
        score: of the same shape.

    Returns:
        Of shape (recordings,); nan for a recording without a label.

    >>> labels = np.array([[1, 0, 1], [0, 0, 0]])
    >>> scores = np.array([[0.9, 0.5, 0.1], [0.2, 0.1, 0.3]])
    >>> of_recordings(labels, scores).round(3).tolist()
    [0.833, nan]
    """
    import scipy.stats  # takes half a second

    known = np.where(labels == NO_LABEL, -np.inf, score)
    true = np.where(labels == 1, score, -np.inf)
    rank, rank_of_true = (
        scipy.stats.rankdata(-values, method="max", axis=1)
        for values in (known, true)
    )
    count = (labels == 1).sum(axis=1)
    total = np.where(labels == 1, rank_of_true / rank, 0).sum(axis=1)
    return np.divide(
        total, count, out=np.full(len(labels), np.nan), where=count > 0
    )


def intervals(
    labels: np.ndarray,
    score: np.ndarray,
    threshold: float,
    groups: Sequence[str] = (),
    num_resamples: int = bootstrap.NUM_RESAMPLES,
) -> dict[str, Any]:
    """95 % intervals of the scores of a task with several labels.

    Classes without a label in a resample are left out of its means.

    Args:
        labels: 1, 0 and `NO_LABEL`, of shape (recordings, classes), with a 1.
        score: the probabilities, of the same shape.
        threshold: from which on a class is found.
        groups: the group of each recording, or ""; may be empty.
        num_resamples: number of resamples.

    Returns:
        [low, high] of mean_average_precision, recordings_average_precision,
        auroc and f1, or None where nothing defines it. "classes": that of the
        average precision of each class.
    """
    is_known = labels != NO_LABEL
    there = np.flatnonzero((labels == 1).any(axis=0))
    of_each = of_recordings(labels, score)
    is_found, is_true = (score >= threshold) & is_known, labels == 1
    values: dict[str, list[np.ndarray]] = {
        name: [] for name in ("precision", "auroc", "f1", "recordings")
    }
    for times in bootstrap.resamples(len(labels), groups, num_resamples):
        pairs = [
            of_class(
                labels[is_known[:, index], index],
                score[is_known[:, index], index],
                times[:, is_known[:, index]],
            )
            for index in there
        ]
        values["precision"].append(np.stack([p for p, _ in pairs], axis=1))
        values["auroc"].append(np.stack([a for _, a in pairs], axis=1))
        right, found, true = (
            times @ each[:, there].astype(int)
            for each in (is_found & is_true, is_found, is_true)
        )
        with np.errstate(invalid="ignore"):
            values["f1"].append(2 * right / (found + true))
            has_label = np.isfinite(of_each)
            drawn = times[:, has_label]
            values["recordings"].append(
                (drawn @ of_each[has_label] / drawn.sum(axis=1))[:, None]
            )
    joined = {name: np.concatenate(parts) for name, parts in values.items()}
    of_classes: list[list[float] | None] = [None] * labels.shape[1]
    for index, column in zip(there, joined["precision"].T):
        of_classes[index] = _middle(column[:, None])
    return {
        "mean_average_precision": _middle(joined["precision"]),
        "recordings_average_precision": _middle(joined["recordings"]),
        "auroc": _middle(joined["auroc"]),
        "f1": _middle(joined["f1"]),
        "classes": of_classes,
    }


def _middle(values: np.ndarray) -> list[float] | None:
    """The interval of the means over the last axis, without nan."""
    is_there = np.isfinite(values)
    count = is_there.sum(axis=1)
    means = np.where(is_there, values, 0).sum(axis=1)[count > 0]
    means = means / count[count > 0]
    return bootstrap.middle(means) if len(means) else None
