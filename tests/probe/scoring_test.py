"""Scores of probes against scikit-learn and plain NumPy."""

import numpy as np
import pytest
import scipy.stats
from sklearn import metrics

from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import bootstrap
from audio_diffstride.probe import classifiers, divisions, scoring

CLASSES = ["a", "b", "c"]


def data(count=60, groups=True, spread=1.0, scale=(1, 100, 1)):
    """Classes that differ along each axis, the second of large numbers."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 3
    vectors = (2 * np.eye(3)[labels] + spread * rng.normal(size=(count, 3))) * (
        np.array(scale)
    )
    numbers = (np.arange(count) // 3) % 4
    tests = [np.flatnonzero(numbers == number) for number in range(4)]
    names = [f"g{number}" for number in numbers] if groups else []
    folds = divisions.Folds(tests, names, "")
    return scoring.Labelled(vectors, labels, CLASSES, folds)


def nearest_by_hand(train, labels, test, count):
    """Votes of the nearest by cosine, weighted by 1 / distance."""
    unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (train, test)]
    distance = 1 - unit[1] @ unit[0].T
    found = []
    for row in distance:
        nearest = np.argsort(row)[:count]
        votes = np.bincount(labels[nearest], 1 / row[nearest], 3)
        found.append(votes.argmax())
    return np.array(found)


def logistic_by_hand(train, labels, test):
    """Newton-free: gradient descent on the penalised loss, to its minimum."""
    mean, std = train.mean(axis=0), train.std(axis=0)
    x, y = (train - mean) / std, np.eye(3)[labels]
    weights, bias = np.zeros((x.shape[1], 3)), np.zeros(3)
    for _ in range(2000):
        logits = x @ weights + bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        weights -= 0.02 * (x.T @ (shares - y) + weights)
        bias -= 0.02 * (shares - y).sum(axis=0)
    return ((test - mean) / std @ weights + bias).argmax(axis=1)


def by_hand(probe, of, num_neighbours=5):
    predicted = np.zeros(len(of.labels), int)
    for test in of.folds.tests:
        train = np.setdiff1d(np.arange(len(of.labels)), test)
        parts = of.vectors[train], of.labels[train], of.vectors[test]
        if probe == classifiers.NEAREST_NEIGHBOURS:
            predicted[test] = nearest_by_hand(*parts, num_neighbours)
        else:
            predicted[test] = logistic_by_hand(*parts)
    return predicted


@pytest.mark.parametrize("probe", classifiers.NAMES)
@pytest.mark.parametrize("groups", [True, False])
def test_cross_validated_scores_are_those_by_hand(probe, groups):
    of = data(groups=groups)
    predicted = by_hand(probe, of)
    scores = scoring.cross_validate(of, probe, 5)
    right = predicted == of.labels
    assert 0.4 < right.mean() < 0.99  # else it says little
    assert scores["accuracy"].value == right.mean()
    balanced = metrics.balanced_accuracy_score(of.labels, predicted)
    assert scores["balanced_accuracy"].value == pytest.approx(balanced)
    intervals, what = bootstrap.intervals(of.labels, right, of.folds.groups)
    assert what == ("groups" if groups else "recordings")
    for name in scoring.SCORES:
        assert list(scores[name].interval) == intervals[name]
        assert scores[name].deviation is None and scores[name].draws == ()


def test_standardising_makes_the_scale_of_a_number_irrelevant():
    probe = classifiers.LOGISTIC_REGRESSION
    one, other = (
        scoring.cross_validate(data(scale=scale), probe, 5)
        for scale in ((1, 1, 1), (1e-6, 1e6, 1))
    )
    assert one["accuracy"] == other["accuracy"]


def test_scores_of_draws_have_mean_deviation_and_students_interval():
    of = data(90, groups=False, spread=2.0)
    draws = divisions.draw(of.labels, of.folds, 3, 7, 0, CLASSES)
    scores = scoring.of_few_examples(
        of, classifiers.NEAREST_NEIGHBOURS, 5, draws
    )
    values = [
        (
            nearest_by_hand(
                of.vectors[d.train], of.labels[d.train], of.vectors[d.test], 5
            )
            == of.labels[d.test]
        ).mean()
        for d in draws
    ]
    found = scores["accuracy"]
    np.testing.assert_allclose(found.draws, values)
    assert found.value == pytest.approx(np.mean(values))
    assert found.deviation == pytest.approx(np.std(values, ddof=1)) != 0
    expected = scipy.stats.t.interval(
        0.95, 6, np.mean(values), scipy.stats.sem(values)
    )
    np.testing.assert_allclose(found.interval, expected)


def test_one_draw_has_no_interval():
    of = data()
    draws = divisions.draw(of.labels, of.folds, 2, 1, 0, CLASSES)
    score = scoring.of_few_examples(
        of, classifiers.NEAREST_NEIGHBOURS, 5, draws
    )["accuracy"]
    assert score.interval is None and score.deviation is None


def test_vectors_that_hardly_differ_or_are_zero_give_scores():
    of = data()
    of.vectors[:, 1] = 7.0
    of.vectors[:6] = 0.0
    for probe in classifiers.NAMES:
        score = scoring.cross_validate(of, probe, 500)["accuracy"]
        assert 0 <= score.value <= 1


def test_a_single_class_to_train_on_is_refused():
    of = data(6)
    folds = divisions.Folds([np.array([0, 1, 3, 4]), np.array([2, 5])], [], "")
    alone = scoring.Labelled(of.vectors, of.labels, CLASSES, folds)
    with pytest.raises(UserError, match="only recordings of c to train on"):
        scoring.cross_validate(alone, classifiers.NAMES[0], 5)
