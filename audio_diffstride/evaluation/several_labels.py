"""Scores of recordings with several labels, as plain numbers: scikit-learn's.

Recordings are ranked by the probability of a class: average precision and
AUROC need no threshold. Precision, recall and F1 are of the threshold 0.5. What
is not known counts in no score. A mean is over the classes that a recording of
the split has; a score that a split does not define is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from audio_diffstride.datasets.kinds import NO_LABEL, SEVERAL_LABELS
from audio_diffstride.evaluation import bootstrap, ranking
from audio_diffstride.evaluation.metrics import ALL_CLASSES, curve

THRESHOLD = SEVERAL_LABELS.threshold
_COLUMNS = ("precision", "recall", "f1", "average_precision", "auroc")


def scores(
    labels: np.ndarray,
    logits: np.ndarray,
    classes: list[str],
    groups: Sequence[str] = (),
) -> dict[str, Any]:
    """All scores of a model on one task.

    Args:
        labels: 1, 0 and `NO_LABEL`, of shape (recordings, classes), with a 1.
        logits: of the same shape, all finite.
        classes: the names, by index.
        groups: the group of each recording, or ""; may be empty.

    Returns:
        Plain values for JSON. The means over classes: mean_average_precision,
        auroc, f1, and chance, the mean average precision of a random order.
        Over recordings with a label: recordings_average_precision, how far the
        labels of each are ranked above the others. Over all labels: micro_f1.
        Further kind, recordings, groups, classes, threshold, intervals,
        resampled ("groups" or "recordings"), per_class and absent.
    """
    probability = SEVERAL_LABELS.probabilities(logits)
    is_known = labels != NO_LABEL
    per_class = [
        _of_class(
            name,
            labels[is_known[:, index], index],
            probability[is_known[:, index], index],
        )
        for index, name in enumerate(classes)
    ]
    there = [row for row in per_class if row["support"]]
    intervals = ranking.intervals(labels, probability, THRESHOLD, groups)
    for row, interval in zip(per_class, intervals.pop("classes")):
        low, high = interval or (None, None)
        row |= {"average_precision_low": low, "average_precision_high": high}
    right, found, true = _count(labels, probability)
    return {
        "kind": SEVERAL_LABELS.name,
        "recordings": len(labels),
        "groups": len({name for name in groups if name}),
        "classes": list(classes),
        "mean_average_precision": _mean(there, "average_precision"),
        "recordings_average_precision": float(
            np.nanmean(ranking.of_recordings(labels, probability))
        ),
        "auroc": _mean(there, "auroc"),
        "f1": _mean(there, "f1"),
        "micro_f1": float(2 * right / (found + true)),
        "chance": float(
            np.mean([row["support"] / row["known"] for row in there])
        ),
        "threshold": THRESHOLD,
        "intervals": intervals,
        "resampled": bootstrap.what_is_drawn(groups),
        "per_class": per_class,
        "absent": [row["class"] for row in per_class if not row["support"]],
    }


def _of_class(name: str, true: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """The scores of one class, of the recordings where it is known."""
    from sklearn import metrics

    support = int(true.sum())
    values: dict[str, float | None] = dict.fromkeys(_COLUMNS)
    if support:
        of_threshold = metrics.precision_recall_fscore_support(
            true, score >= THRESHOLD, average="binary", zero_division=np.nan
        )
        values |= {
            column: None if np.isnan(value) else float(value)
            for column, value in zip(_COLUMNS, of_threshold[:3])
        }
        values["average_precision"] = float(
            metrics.average_precision_score(true, score)
        )
    if 0 < support < len(true):
        values["auroc"] = float(metrics.roc_auc_score(true, score))
    return {"class": name, "support": support, "known": len(true), **values}


def _count(labels: np.ndarray, probability: np.ndarray) -> tuple[int, int, int]:
    """Numbers of right detections, of all detections, and of all labels."""
    found = (probability >= THRESHOLD) & (labels != NO_LABEL)
    true = labels == 1
    return int((found & true).sum()), int(found.sum()), int(true.sum())


def _mean(rows: Sequence[dict[str, Any]], column: str) -> float | None:
    values = [row[column] for row in rows if row[column] is not None]
    return float(np.mean(values)) if values else None


def curves(
    labels: np.ndarray, logits: np.ndarray, classes: list[str]
) -> list[dict[str, Any]]:
    """Precision, recall and F1 against the threshold; see `metrics.curves`.

    Args:
        labels: 1, 0 and `NO_LABEL`, of shape (recordings, classes).
        logits: of the same shape.
        classes: the names, by index.
    """
    probability = SEVERAL_LABELS.probabilities(logits)
    is_known = labels != NO_LABEL
    rows = curve(ALL_CLASSES, labels[is_known], probability[is_known])
    for index, name in enumerate(classes):
        known = is_known[:, index]
        true = labels[known, index]
        if true.any():
            rows += curve(name, true, probability[known, index])
    return rows
