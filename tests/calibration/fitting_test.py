"""What is shown was measured on windows that the fit did not see."""

import dataclasses

import numpy as np
import pytest

from audio_diffstride.calibration import (
    curves,
    fitting,
    reliability,
    temperature,
)
from audio_diffstride.calibration.fitting import LabelledWindows
from audio_diffstride.calibration.thresholds import Aim

CLASSES = ["x", "y", "z"]
AIM = Aim("precision", 0.8)


def windows(num_units, activation="softmax", num_windows=240):
    """Noisy logits of labelled windows; two windows in a recording."""
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=num_windows)
    truths = (labels[:, None] == np.arange(3)).astype(int)
    logits = 4 * truths + rng.normal(0, 2, truths.shape)
    recordings = np.arange(num_windows) // 2
    return LabelledWindows(
        CLASSES,
        logits,
        truths,
        recordings,
        recordings % num_units,
        "groups",
        activation,
    )


@pytest.mark.parametrize(
    ("activation", "top"),
    [("softmax", "1"), ("softmax", "all"), ("sigmoid", "all")],
)
def test_the_table_leaves_each_group_out(activation, top):
    given = windows(3, activation)
    right, kept = np.zeros(3), np.zeros(3)
    for unit in range(3):  # the same by a loop over the groups
        rest, chosen = given.units != unit, given.units == unit
        best = temperature.fit(
            given.logits[rest], given.truths[rest], activation
        )
        scores = temperature.probabilities(given.logits, best, activation)
        limits = curves.trace(
            scores[rest], given.truths[rest], given.recordings[rest], top
        ).thresholds(AIM)
        found = scores[chosen] >= limits
        if top == "1":
            found &= scores[chosen] == scores[chosen].max(axis=1, keepdims=True)
        right += (found & (given.truths[chosen] == 1)).sum(axis=0)
        kept += found.sum(axis=0)
    table = fitting.fit(given, AIM, top).table
    positives = given.truths.sum(axis=0)
    for row, r, k, p in zip(table, right, kept, positives):
        assert (row["precision"], row["recall"]) == (r / k, r / p)
        low, high = row["precision_interval"]
        assert low <= row["precision"] <= high
    assert table[-1]["precision"] == right.sum() / kept.sum()
    assert table[-1]["class"] is None


def test_scores_after_the_fit_are_of_groups_left_out():
    given = windows(3)
    scores = np.zeros(given.logits.shape)
    for unit in range(3):
        rest, chosen = given.units != unit, given.units == unit
        best = temperature.fit(given.logits[rest], given.truths[rest])
        scores[chosen] = temperature.probabilities(given.logits[chosen], best)
    fitted = fitting.fit(given, AIM)
    expected = reliability.bins(
        *reliability.answers(scores, given.truths, "softmax")
    )
    assert fitted.after == expected
    assert fitted.curves == {
        top: curves.trace(scores, given.truths, given.recordings, top)
        for top in ("1", "all")
    }
    assert fitted.temperature == temperature.fit(given.logits, given.truths)


def test_a_pooled_threshold_is_left_out_too():
    table = fitting.fit(windows(3), Aim("precision", 0.8, pooled=True)).table
    assert [row["own"] for row in table] == [False] * 3 + [True]
    assert len({row["threshold"] for row in table[:-1]}) == 1
    assert table[-1]["precision"] == pytest.approx(0.8, abs=0.1)


def test_what_is_never_a_detection_is_not_pooled():
    """The others are as if it could not be found at all."""
    given = dataclasses.replace(windows(3), classes=["x", "_background", "z"])
    pooled = fitting.fit(given, Aim("precision", 0.8, pooled=True), "all")
    others = [0, 2]
    scores = np.zeros(given.logits.shape)
    for unit in range(3):
        rest, chosen = given.units != unit, given.units == unit
        best = temperature.fit(given.logits[rest], given.truths[rest])
        scores[chosen] = temperature.probabilities(given.logits[chosen], best)
    expected = curves.trace(
        scores[:, others], given.truths[:, others], given.recordings, "all"
    )
    assert pooled.curves["all"].pooled == expected.pooled
    all_row = pooled.table[-1]
    support = given.truths.sum(axis=0)
    right = [row["recall"] * n for row, n in zip(pooled.table, support)]
    assert all_row["recall"] == pytest.approx(
        (right[0] + right[2]) / (support[0] + support[2])
    )


def test_each_recording_is_on_one_side():
    for num_units, num_folds in ((2, 2), (10, 10), (40, 10)):
        units = windows(num_units).units
        folds = list(fitting._folds(units))
        assert len(folds) == num_folds
        for rest, left_out in folds:
            assert not {*units[rest]} & {*units[left_out]}
        tested = np.sort(np.concatenate([left_out for _, left_out in folds]))
        assert (tested == np.arange(len(units))).all()


def test_a_fit_repeats():
    assert fitting.fit(windows(5), AIM) == fitting.fit(windows(5), AIM)


def test_overconfidence_is_cured():
    given = windows(6)
    sharp = dataclasses.replace(given, logits=5 * given.logits)
    fitted, plain = fitting.fit(sharp, AIM), fitting.fit(given, AIM)
    assert fitted.temperature == pytest.approx(5 * plain.temperature, rel=1e-3)
    for one, other in zip(fitted.after, plain.after):
        np.testing.assert_allclose(one, other, atol=1e-4)
