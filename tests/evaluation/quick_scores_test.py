"""Scores of every epoch are those of scikit-learn."""

import dataclasses

import numpy as np
import pytest
import scipy.special
from sklearn import metrics as sklearn_metrics

from audio_diffstride.config.field_types import MONITORED
from audio_diffstride.datasets.kinds import (
    NO_LABEL,
    ONE_LABEL,
    SEVERAL_LABELS,
)
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import metrics
from audio_diffstride.evaluation.inference import LabelledRecordings
from audio_diffstride.evaluation.quick_scores import QUICK_SCORES

RNG = np.random.default_rng(0)
LABELS = RNG.choice(4, size=60, p=[0.6, 0.2, 0.15, 0.05])
LOGITS = RNG.normal(0, 1, (60, 5)) + 1.5 * np.eye(5)[LABELS]  # 4 has none


def recordings(labels=LABELS, logits=LOGITS):
    empty = [""] * len(labels)
    return LabelledRecordings(
        list("abcde"), labels, logits, empty, [0.0] * len(labels), empty
    )


def test_every_score_that_can_be_monitored_is_there():
    assert tuple(QUICK_SCORES[ONE_LABEL]) == MONITORED
    assert {*QUICK_SCORES[SEVERAL_LABELS]} < {*MONITORED}


def test_scores_are_those_of_scikit_learn():
    predicted = LOGITS.argmax(axis=1)
    probabilities = scipy.special.softmax(LOGITS, axis=1)
    expected = {
        "accuracy": sklearn_metrics.accuracy_score(LABELS, predicted),
        "balanced_accuracy": sklearn_metrics.recall_score(
            LABELS, predicted, labels=[0, 1, 2, 3], average="macro"
        ),
        "average_precision": sklearn_metrics.average_precision_score(
            np.eye(4, dtype=int)[LABELS], probabilities[:, :4]
        ),
        "loss": sklearn_metrics.log_loss(
            LABELS, probabilities, labels=[*range(5)]
        ),
    }
    for name, value in expected.items():
        assert recordings().quick_score(name) == pytest.approx(value, rel=1e-9)


def test_scores_are_those_of_an_evaluation():
    report = metrics.scores(LABELS, LOGITS, list("abcde"))
    of_classes = [row["average_precision"] for row in report["per_class"]]
    of_classes = [value for value in of_classes if value is not None]
    for name, value in (
        ("accuracy", report["accuracy"]),
        ("balanced_accuracy", report["balanced_accuracy"]),
        ("average_precision", np.mean(of_classes)),
    ):
        assert recordings().quick_score(name) == pytest.approx(value, rel=1e-9)


def test_a_loss_of_huge_logits_is_finite():
    logits = np.array([[1e4, 0.0], [0.0, 1e4]])
    assert QUICK_SCORES[ONE_LABEL]["loss"](np.array([0, 0]), logits) == 5e3
    labels = np.array([[0, NO_LABEL], [0, 1]])
    loss = QUICK_SCORES[SEVERAL_LABELS]["loss"](labels, logits)
    assert loss == pytest.approx((1e4 + np.log(2)) / 3)


def test_scores_of_several_labels_are_of_what_is_known():
    labels = RNG.integers(-1, 2, (60, 5))
    labels[:, 4] = 0
    known = labels != NO_LABEL
    of = dataclasses.replace(recordings(labels), kind=SEVERAL_LABELS)
    precisions = [
        sklearn_metrics.average_precision_score(
            labels[known[:, c], c], LOGITS[known[:, c], c]
        )
        for c in range(4)
    ]
    expected = np.mean(precisions)
    assert of.quick_score("average_precision") == pytest.approx(expected)
    assert of.scores()["mean_average_precision"] == pytest.approx(expected)
    expected = sklearn_metrics.log_loss(
        labels[known], scipy.special.expit(LOGITS)[known]
    )
    assert of.quick_score("loss") == pytest.approx(expected)


def test_logits_that_are_not_finite_are_reported():
    logits = LOGITS.copy()
    logits[3, 1] = np.nan
    for name in MONITORED[1:]:
        with pytest.raises(UserError, match="its training diverged"):
            recordings(logits=logits).quick_score(name)
