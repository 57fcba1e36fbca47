"""Bins against scikit-learn's; errors of what is known to be calibrated."""

import numpy as np
import pytest
import sklearn.calibration

from audio_diffstride.calibration import reliability, temperature
from audio_diffstride.datasets.kinds import NO_LABEL
from tests.calibration.temperature_test import sample


def test_bins_are_scikit_learns():
    rng = np.random.default_rng(0)
    confidence = np.append(rng.random(500) ** 3, [0.0, 1.0])
    right = rng.random(502) < confidence
    bins = reliability.bins(confidence, right)
    share, mean = sklearn.calibration.calibration_curve(
        right,
        confidence,
        n_bins=15,  # as in Guo et al.
    )
    np.testing.assert_allclose([b.confidence for b in bins], mean)
    np.testing.assert_allclose([b.right for b in bins], share)
    assert sum(b.answers for b in bins) == 502


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_the_right_temperature_calibrates(activation):
    logits, truths = sample(activation, 3.0)

    def error(value):
        scores = temperature.probabilities(logits, value, activation)
        found = reliability.answers(scores, truths, activation)
        return reliability.calibration_error(reliability.bins(*found))

    assert error(3.0) < 0.015 < 0.05 < error(1.0)


def test_softmax_answers_with_its_best_class_and_sigmoid_with_each():
    scores = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1]])
    truths = np.array([[1, 0, 0], [1, 0, NO_LABEL]])
    confidence, right = reliability.answers(scores, truths, "softmax")
    assert confidence.tolist() == [0.7, 0.6]
    assert right.tolist() == [True, False]
    confidence, right = reliability.answers(scores, truths, "sigmoid")
    assert confidence.tolist() == [0.7, 0.2, 0.1, 0.3, 0.6]
    assert right.tolist() == [True, False, False, True, False]
