"""Scores of classified recordings, as plain numbers: scikit-learn's.

What a split cannot tell is None: a class without a recording in it has no
recall, a class that is never predicted no precision, and a class that every
recording is of no area under the ROC curve.
"""

from __future__ import annotations

import numpy as np

from audio_diffstride.evaluation import bootstrap

TOP_K = 3
# Steps of the threshold, and of the recall, that a curve keeps.
CURVE_STEPS = 100
# A row of `curves` of all classes together; no class has an empty name.
ALL_CLASSES = ""


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, as float64.

    >>> probabilities(np.array([[1000.0, 1000.0]])).tolist()
    [[0.5, 0.5]]
    """
    logits = np.asarray(logits, float)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def chance(labels: np.ndarray) -> float:
    """The share of the most frequent class: what guessing it would score.

    >>> chance(np.array([2, 0, 2, 2]))
    0.75
    """
    return float(np.bincount(labels).max() / len(labels))


def scores(
    labels: np.ndarray, logits: np.ndarray, classes: list[str], groups=()
) -> dict:
    """Everything that one task's recordings say about a model.

    Args:
        labels: class indices, of shape (recordings,), at least one.
        logits: of shape (recordings, classes), all finite.
        classes: the names, by index.
        groups: of each recording, "" where it has none; may be empty.

    Returns:
        A dict that JSON can hold: recordings, groups, classes, accuracy,
        chance, balanced_accuracy (the mean recall over the classes present),
        top_k, intervals and what they resampled, per_class, absent, and
        confusion_matrix (rows are true classes, columns predicted ones).
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
        # Columns in reverse: scikit-learn prefers the last of equal scores,
        # argmax the first, and the top 3 must hold the top 1.
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


def _per_class(labels, logits, classes) -> list[dict]:
    from sklearn import metrics

    columns = ("precision", "recall", "f1", "support")
    values = metrics.precision_recall_fscore_support(
        labels,
        logits.argmax(axis=1),
        labels=np.arange(len(classes)),
        zero_division=np.nan,
    )
    probability = probabilities(logits)
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
            # What it was mistaken for is in the confusion matrix.
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
) -> list[dict]:
    """Precision, recall and F1 against the threshold on the probability.

    Args:
        labels: class indices, of shape (recordings,).
        logits: of shape (recordings, classes).
        classes: the names, by index.

    Returns:
        Rows of class, threshold (a recording counts as of the class from
        there on), precision, recall and f1, by rising threshold. First those
        of all classes pooled, named `ALL_CLASSES`, then those of each class
        in the split. Of many thresholds some hundreds are kept, for even
        steps of the threshold and of the recall; none is interpolated.
    """
    probability = probabilities(logits)
    true = labels[:, None] == np.arange(len(classes))
    rows = _curve(ALL_CLASSES, true.ravel(), probability.ravel())
    for index in np.unique(labels):
        rows += _curve(classes[index], true[:, index], probability[:, index])
    return rows


def _curve(name: str, true: np.ndarray, score: np.ndarray) -> list[dict]:
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
    """Places on a curve that show it all, by rising threshold.

    Where many thresholds have the same recall, its precision is lowest at the
    first of them and highest at the last.
    """
    last = len(thresholds) - 1
    ends = np.append(np.flatnonzero(np.diff(recall)), last)
    starts = np.append(0, ends[:-1] + 1)
    levels = np.linspace(0, len(ends) - 1, CURVE_STEPS + 1).round().astype(int)
    # The first score from a threshold on is what that threshold amounts to.
    grid = np.linspace(0, 1, CURVE_STEPS + 1)
    even = np.minimum(np.searchsorted(thresholds, grid), last)
    return np.unique(np.concatenate([starts[levels], ends[levels], even]))
