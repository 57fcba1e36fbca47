"""How far a trait sets classes apart, measured on recordings held out."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence

import numpy as np

_NUM_FOLDS = 5
_MIN_LEAF = 5  # recordings in a leaf of the tree
_SEED = 0

# (indices of the training part, indices of the test part), for each fold.
Folds = list[tuple[np.ndarray, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Separation:
    """How one cut of a trait sets some classes apart from the others.

    Attributes:
        share: of the recordings of the two sides that the cut puts on their
            side, as a mean over classes and sides. 0.5 is chance.
        classes: those of the smaller side, as indices.
    """

    share: float
    classes: tuple[int, ...]


def make_folds(labels: np.ndarray, groups: Sequence[str]) -> Folds:
    """Divides recordings into five parts, which keep groups together.

    Args:
        labels: class indices.
        groups: the group of each recording.

    Returns:
        For each part: the others, to fit on, and the part itself. Empty with
        fewer than two groups.
    """
    from sklearn import model_selection  # takes a second

    num_folds = min(_NUM_FOLDS, len(set(groups)))
    if num_folds < 2:
        return []
    splitter = model_selection.StratifiedGroupKFold(
        num_folds, shuffle=True, random_state=_SEED
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes rarer than the parts
        return list(splitter.split(labels, labels, groups))


def tell_classes(
    columns: np.ndarray, labels: np.ndarray, folds: Folds
) -> float:
    """How well a decision tree tells the class from traits.

    Args:
        columns: of shape (recordings, traits).
        labels: class indices.
        folds: from `make_folds`.

    Returns:
        Balanced accuracy on the parts held out. Chance is one over the number
        of classes.
    """
    from sklearn import metrics, model_selection, tree  # takes a second

    classifier = tree.DecisionTreeClassifier(
        min_samples_leaf=_MIN_LEAF, class_weight="balanced", random_state=_SEED
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a part may lack a class
        told = model_selection.cross_val_predict(
            classifier, columns, labels, cv=folds
        )
        return float(metrics.balanced_accuracy_score(labels, told))


def separate(
    values: np.ndarray, labels: np.ndarray, folds: Folds, ordered: bool = True
) -> Separation:
    """Finds the cut of a trait that best sets some classes apart.

    The recordings beyond the cut make one side. A class belongs to the side
    that holds most of it. Each fold finds its cut on its training part, and
    is judged on its test part.

    Args:
        values: of the trait, of shape (recordings,).
        labels: class indices.
        folds: from `make_folds`.
        ordered: whether a cut is a limit; otherwise it is one of the values.

    >>> folds = [(np.arange(0, 8, 2), np.arange(1, 8, 2))]
    >>> labels = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    >>> separate(np.array([1, 2, 1, 2, 1, 2, 8, 9]), labels, folds)
    Separation(share=1.0, classes=(2,))
    """
    if len(np.unique(values)) < 2 or not folds:
        return Separation(0.5, ())
    num_classes = int(labels.max()) + 1
    shares, votes = [], np.zeros(num_classes)
    for train, test in folds:
        cut, side = _best_cut(
            values[train], np.eye(num_classes)[labels[train]], ordered
        )
        is_beyond = values[test] > cut if ordered else values[test] == cut
        one_hot = np.eye(num_classes)[labels[test]]
        beyond = is_beyond @ one_hot / np.maximum(one_hot.sum(axis=0), 1)
        there = np.any(one_hot, axis=0)
        shares.append(float(_scores(beyond[None], side[None], there)[0]))
        votes += side
    chosen = votes > len(folds) / 2
    if chosen.sum() > num_classes / 2:
        chosen = ~chosen
    return Separation(
        float(np.mean(shares)), tuple(map(int, np.flatnonzero(chosen)))
    )


def relative_to_group(
    values: np.ndarray, labels: np.ndarray, groups: Sequence[str]
) -> np.ndarray | None:
    """The values less the median of their group.

    A quiet speaker then does not hide that one class is louder.

    Returns:
        The values; None unless every group has several classes.
    """
    names, of_group = np.unique(groups, return_inverse=True)
    relative = np.array(values, float)
    for index in range(len(names)):
        chosen = of_group == index
        if len(np.unique(labels[chosen])) < 2:
            return None
        relative[chosen] -= np.median(relative[chosen])
    return relative


def _best_cut(
    values: np.ndarray, one_hot: np.ndarray, ordered: bool
) -> tuple[float, np.ndarray]:
    """The cut that best sets classes apart, and which lie beyond it.

    Among equally good limits it is the middle of the widest gap.
    """
    found, places = np.unique(values, return_inverse=True)
    if len(found) < 2:
        return float(found[0]), np.zeros(one_hot.shape[1], bool)
    counts = np.zeros((len(found), one_hot.shape[1]))
    np.add.at(counts, places, one_hot)
    cuts, widths = found, np.zeros(len(found))
    if ordered:
        cuts, widths = (found[1:] + found[:-1]) / 2, np.diff(found)
        counts = counts[::-1].cumsum(axis=0)[::-1][1:]  # beyond each cut
    beyond = counts / np.maximum(one_hot.sum(axis=0), 1)
    there = np.any(one_hot, axis=0)
    scores = _scores(beyond, np.asarray(beyond > 0.5), np.asarray(there))
    (equals,) = np.nonzero(scores > scores.max() - 1e-9)
    best = equals[np.argmax(widths[equals])]
    return float(cuts[best]), beyond[best] > 0.5


def _scores(
    beyond: np.ndarray, side: np.ndarray, there: np.ndarray
) -> np.ndarray:
    """The mean of the two sides' shares on their own side of each cut.

    Args:
        beyond: share of each class beyond each cut, of shape (cuts, classes).
        side: whether a class belongs beyond, of the same shape.
        there: whether a class has recordings, of shape (classes,).
    """
    parts = []
    for chosen, shares in ((side, beyond), (~side, 1 - beyond)):
        chosen = chosen & there
        number = chosen.sum(axis=1)
        total = (shares * chosen).sum(axis=1)
        parts.append(np.where(number, total / np.maximum(number, 1), np.nan))
    return np.nan_to_num(np.mean(parts, axis=0), nan=0.5)
