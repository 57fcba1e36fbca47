"""Thresholds against brute force, and against scikit-learn's curve."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_diffstride.calibration import curves, thresholds
from audio_diffstride.calibration.thresholds import Aim
from audio_diffstride.datasets.kinds import NO_LABEL

AIMS = [
    Aim("precision", 0.5),
    Aim("precision", 0.9),
    Aim("precision", 1.0),
    Aim("recall", 0.3),
    Aim("recall", 0.9),
    Aim("recall", 1.0),
    Aim("f1"),
]
# Few values, so that some scores are equal.
windows = st.lists(
    st.tuples(st.integers(0, 12).map(lambda n: n / 12), st.booleans()),
    min_size=1,
    max_size=40,
).filter(lambda rows: any(truth for _, truth in rows))


def counts(scores, truths, threshold):
    """(right, kept) at a threshold."""
    kept = scores >= threshold
    return int((kept & truths).sum()), int(kept.sum())


def by_brute_force(scores, truths, aim, evidence):
    """The (right, kept) of the best threshold among all scores, or None."""
    best = None
    for threshold in scores:
        right, kept = counts(scores, truths, threshold)
        precision, recall = right / kept, right / truths.sum()
        if kept < evidence or not right:
            continue
        if aim.score == "f1":
            key = (2 * right / (kept + truths.sum()), recall)
        elif aim.score == "precision":
            key = (recall, precision)
            if precision < aim.value:
                continue
        else:
            key = (precision, recall)
            if recall < aim.value:
                continue
        if best is None or key > best[0]:
            best = key, (right, kept)
    return best and best[1]


@settings(max_examples=150, deadline=None)
@given(windows, st.sampled_from(AIMS), st.sampled_from([1, 3]))
def test_the_best_threshold_is_that_of_brute_force(rows, aim, evidence):
    scores, truths = map(np.array, zip(*rows))
    steps = thresholds.best_steps(scores, truths, evidence)
    step = thresholds.choose(steps, truths.sum(), aim)
    expected = by_brute_force(scores, truths, aim, evidence)
    assert (step and (step.right, step.kept)) == expected


@settings(max_examples=100, deadline=None)
@given(windows)
def test_a_threshold_keeps_what_it_says(rows):
    scores, truths = map(np.array, zip(*rows))
    for step in thresholds.best_steps(scores, truths, 1):
        assert counts(scores, truths, step.threshold) == step[1:]


def test_the_steps_are_the_best_of_scikit_learns_curve():
    rng = np.random.default_rng(0)
    truths = rng.random(400) < 0.3
    scores = rng.normal(truths, 1.0)
    precision, recall, _ = sklearn.metrics.precision_recall_curve(
        truths, scores
    )
    points = {*zip(precision[:-1], recall[:-1])}
    best = {
        (p, r)
        for p, r in points
        if r
        and not any(q >= p and s >= r and (q, s) != (p, r) for q, s in points)
    }
    steps = thresholds.best_steps(scores, truths, 1)
    found = {(s.right / s.kept, s.right / truths.sum()) for s in steps}
    assert found == best
    assert sorted(s.threshold for s in steps) == [s.threshold for s in steps]


def test_a_little_noise_on_the_scores_changes_nothing():
    """As where another runtime computes them."""
    rng = np.random.default_rng(0)
    truths = rng.random(100) < 0.5
    scores = rng.normal(truths, 0.5)
    noisy = scores + rng.uniform(-1e-6, 1e-6, 100)
    for step in thresholds.best_steps(scores, truths, 1):
        assert counts(noisy, truths, step.threshold) == step[1:]


def test_adjacent_numbers_have_none_between():
    high = np.nextafter(0.5, 1)
    (step,) = thresholds.best_steps([high, 0.5], [1, 0], 1)
    assert counts(np.array([high, 0.5]), np.array([True, False]), step[0]) == (
        1,
        1,
    )


def test_too_little_evidence_reaches_nothing():
    scores, truths = np.linspace(0, 1, 100), np.arange(100) >= 95
    steps = thresholds.best_steps(scores, truths)
    assert min(step.kept for step in steps) == thresholds.EVIDENCE
    # Ten right ones of ten: the page says from 69 to 100 %.
    right = scipy.stats.binomtest(thresholds.EVIDENCE, thresholds.EVIDENCE)
    assert right.proportion_ci().low == pytest.approx(0.69, abs=0.005)
    assert thresholds.choose(steps, 5, Aim("precision", 0.9)) is None


def trace(counts_of_classes, seed=0):
    """Curves of classes with so many windows, each of its own recording."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(counts_of_classes)), counts_of_classes)
    truths = (labels[:, None] == np.arange(len(counts_of_classes))).astype(int)
    scores = rng.random(truths.shape) * 0.6 + 0.4 * truths
    found = curves.trace(scores, truths, np.arange(len(labels)), "all")
    return found, scores, truths


def test_a_rare_class_takes_the_pooled_threshold():
    found, scores, truths = trace([60, 9, 40])
    aim = Aim("precision", 0.9)
    limits = found.thresholds(aim)
    pooled = thresholds.best_steps(scores.ravel(), truths.ravel())
    expected = thresholds.choose(pooled, truths.sum(), aim)
    assert limits[1] == expected.threshold
    assert limits[0] != limits[1] != limits[2]
    assert [curve.is_known for curve in found.classes] == [True, False, True]


def test_pooled_is_one_threshold_for_all():
    found, scores, truths = trace([60, 9, 40])
    limits = found.thresholds(Aim("precision", 0.9, pooled=True))
    rare = found.thresholds(Aim("precision", 0.9))[1]
    assert limits.tolist() == [rare] * 3


def test_recordings_count_and_not_their_windows():
    truths = np.array([[1, 0]] * 50 + [[0, 1]] * 50)
    scores = np.linspace(0, 1, 100)[:, None] * truths
    found = curves.trace(scores, truths, np.arange(100) // 10, "all")
    assert [curve.recordings for curve in found.classes] == [5, 5]
    assert not found.classes[0].is_known and found.pooled.recordings == 10


def test_an_aim_out_of_reach_is_an_infinite_threshold():
    truths = np.tile([[1, 0], [0, 1]], (20, 1))
    scores = np.full((40, 2), 0.5)
    found = curves.trace(scores, truths, np.arange(40), "all")
    assert np.isinf(found.thresholds(Aim("precision", 0.6))).all()
    assert found.highest(0, Aim("precision", 0.6)) == 0.5
    assert (found.thresholds(Aim("recall", 1.0)) < 0.5).all()


def test_unknown_truths_are_left_out():
    _, scores, truths = trace([30, 30])
    more = np.concatenate([truths, np.full((20, 2), NO_LABEL)])
    padded = np.concatenate([scores, np.ones((20, 2))])
    found = curves.trace(padded, more, np.arange(80), "all")
    assert found == curves.trace(scores, truths, np.arange(60), "all")


def test_of_the_best_classes_no_threshold_recalls_the_others():
    scores = np.tile([[0.8, 0.2], [0.6, 0.4]], (20, 1))
    truths = np.tile([[1, 0], [0, 1]], (20, 1))
    best = curves.trace(scores, truths, np.arange(40), "1")
    assert np.isinf(best.thresholds(Aim("recall", 0.1))).tolist() == [
        False,
        True,
    ]
    assert best.highest(1, Aim("recall", 0.1)) == 0
    both = curves.trace(scores, truths, np.arange(40), "all")
    assert both.highest(1, Aim("recall", 0.1)) == 1


@pytest.mark.parametrize("aim", AIMS)
def test_an_aim_is_said_in_words(aim):
    assert str(aim) == (
        f"a {aim.score} of {aim.value:g}" if aim.value else "the highest F1"
    )
