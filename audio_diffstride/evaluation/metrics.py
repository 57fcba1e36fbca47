"""Scores of recordings with one label, as plain numbers: scikit-learn's.

A score that a split does not define is None. A class without recordings has no
recall. A class that is never predicted has no precision. If every recording is
of one class, it has no area under the ROC curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.evaluation import bootstrap

TOP_K = 3
# A curve keeps so many steps of the threshold, and of the recall.
CURVE_STEPS = 100
# The name of all classes together in `curves`. No class has an empty name.
ALL_CLASSES = ""


def chance(labels: np.ndarray) -> float:
    """The accuracy of always guessing the most frequent class.

    >>> chance(np.array([2, 0, 2, 2]))
    0.75
    """
    return float(np.bincount(labels).max() / len(labels))


def scores(
    labels: np.ndarray,
    logits: np.ndarray,
    classes: list[str],
    groups: Sequence[str] = (),
) -> dict[str, Any]:
    """All scores of a model on one task.

    Args:
        labels: class indices, of shape (recordings,), at least one.
        logits: of shape (recordings, classes), all finite.
        classes: the names, by index.
        groups: the group of each recording, or ""; may be empty.

    Returns:
        Plain values for JSON: recordings, groups, classes, accuracy, chance,
        balanced_accuracy (the mean recall over the classes present), top_k,
        intervals, resampled ("groups" or "recordings"), per_class, absent,
        and confusion_matrix (rows are true classes, columns predicted ones).
    """
    from sklearn import metrics

    indices = np.arange(len(classes))
    predicted = logits.argmax(axis=1)
    per_class = _per_class(labels, logits, classes)
    present = np.unique(labels)
    intervals, resampled = bootstrap.intervals(
        labels, predicted == labels, groups
    )
    top_k = {}
    if len(classes) > TOP_K:
        # Of equal scores, scikit-learn prefers the last class and argmax the
        # first. Columns in reverse make the top 3 hold the top 1.
        top_k[str(TOP_K)] = float(
            metrics.top_k_accuracy_score(
                indices[::-1][labels], logits[:, ::-1], k=TOP_K, labels=indices
            )
        )
    return {
        "recordings": len(labels),
        "groups": len({name for name in groups if name}),
        "classes": list(classes),
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "chance": chance(labels),
        "balanced_accuracy": float(
            metrics.recall_score(
                labels, predicted, labels=present, average="macro"
            )
        ),
        "top_k": top_k,
        "intervals": intervals,
        "resampled": resampled,
        "per_class": per_class,
        "absent": [row["class"] for row in per_class if not row["support"]],
        "confusion_matrix": metrics.confusion_matrix(
            labels, predicted, labels=indices
        ).tolist(),
    }


def _per_class(
    labels: np.ndarray, logits: np.ndarray, classes: list[str]
) -> list[dict[str, Any]]:
    from sklearn import metrics

    columns = ("precision", "recall", "f1", "support")
    values = metrics.precision_recall_fscore_support(
        labels,
        logits.argmax(axis=1),
        labels=np.arange(len(classes)),
        zero_division=np.nan,
    )
    probability = ONE_LABEL.probabilities(logits)
    rows = []
    for index, name in enumerate(classes):
        row = dict(zip(columns, (float(value[index]) for value in values)))
        support = int(row.pop("support"))
        row["average_precision"] = row["auroc"] = np.nan
        true, score = labels == index, probability[:, index]
        if support:
            row["average_precision"] = metrics.average_precision_score(
                true, score
            )
        else:
            # The confusion matrix still shows wrong predictions of it.
            row = dict.fromkeys(row, np.nan)
        if 0 < support < len(labels):
            row["auroc"] = metrics.roc_auc_score(true, score)
        known = {
            column: None if np.isnan(value) else float(value)
            for column, value in row.items()
        }
        rows.append({"class": name, "support": support, **known})
    return rows


def curves(
    labels: np.ndarray, logits: np.ndarray, classes: list[str]
) -> list[dict[str, Any]]:
    """Precision, recall and F1 against the threshold on the probability.

    Args:
        labels: class indices, of shape (recordings,).
        logits: of shape (recordings, classes).
        classes: the names, by index.

    Returns:
        Rows of class, threshold, precision, recall and f1, by rising
        threshold. From the threshold on, a recording counts as of the class.
        The rows of all classes pooled, named `ALL_CLASSES`, come first; those
        of each class in the split follow. Of many thresholds, some hundreds
        are kept, at even steps of threshold and recall. None is interpolated.
    """
    probability = ONE_LABEL.probabilities(logits)
    true = labels[:, None] == np.arange(len(classes))
    rows = curve(ALL_CLASSES, true.ravel(), probability.ravel())
    for index in np.unique(labels):
        rows += curve(classes[index], true[:, index], probability[:, index])
    return rows


def curve(
    name: str, true: np.ndarray, score: np.ndarray
) -> list[dict[str, Any]]:
    """The rows of one class in `curves`.

    Args:
        name: of the class.
        true: whether each recording has it.
        score: its probability in each.
    """
    from sklearn import metrics

    precision, recall, thresholds = metrics.precision_recall_curve(true, score)
    kept = _spread(recall[:-1], thresholds)
    rows = []
    for place in kept:
        p, r = float(precision[place]), float(recall[place])
        rows.append(
            {
                "class": name,
                "threshold": float(thresholds[place]),
                "precision": p,
                "recall": r,
                "f1": 2 * p * r / (p + r) if p + r else 0.0,
            }
        )
    return rows


def _spread(recall: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Indices of the points that a thinned curve keeps, by rising threshold.

    Of thresholds with the same recall, the first has the lowest precision and
    the last the highest: both are kept.
    """
    last = len(thresholds) - 1
    ends = np.append(np.flatnonzero(np.diff(recall)), last)
    starts = np.append(0, ends[:-1] + 1)
    levels = np.linspace(0, len(ends) - 1, CURVE_STEPS + 1).round().astype(int)
    # Each threshold acts like the first score from it on.
    grid = np.linspace(0, 1, CURVE_STEPS + 1)
    even = np.minimum(np.searchsorted(thresholds, grid), last)
    return np.unique(np.concatenate([starts[levels], ends[levels], even]))
