"""The classifiers of a probe: scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np

LOGISTIC_REGRESSION = "logistic_regression"
NEAREST_NEIGHBOURS = "nearest_neighbours"
NAMES = (LOGISTIC_REGRESSION, NEAREST_NEIGHBOURS)
_MAX_STEPS = 5000  # it stops long before, where the data allow


def predict(
    name: str,
    train: np.ndarray,
    labels: np.ndarray,
    test: np.ndarray,
    num_neighbours: int,
) -> np.ndarray:
    """Trains a classifier on some vectors, and classifies others.

    Logistic regression has scikit-learn's default penalty, on vectors with
    mean 0 and deviation 1 in training. The nearest neighbours are those by the
    cosine of the vectors as they are, and nearer ones count more.

    Args:
        name: one of `NAMES`.
        train: of shape (recordings, numbers).
        labels: class indices of `train`, of two classes at least.
        test: of shape (other recordings, numbers).
        num_neighbours: how many neighbours count.

    Returns:
        Class indices of `test`.
    """
    return (
        _make(name, len(train), num_neighbours).fit(train, labels).predict(test)
    )


def _make(name: str, num_train: int, num_neighbours: int) -> Any:
    if name == NEAREST_NEIGHBOURS:
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier(
            min(num_neighbours, num_train),
            weights="distance",
            metric="cosine",
            algorithm="brute",
        )
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=_MAX_STEPS)
    )
