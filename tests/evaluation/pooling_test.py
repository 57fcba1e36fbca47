"""The prediction of a recording, from those of its windows."""

import types

import numpy as np
import pytest
import scipy.special

from audio_diffstride.datasets.kinds import SEVERAL_LABELS
from audio_diffstride.evaluation import inference
from audio_diffstride.evaluation.pooling import pool_windows
from tests.datasets.windows_test import make_clips
from tests.evaluation.inference_test import Reader

WINDOWS = types.SimpleNamespace(
    clip_of_window=np.array([0, 0, 0, 1, 2, 2]),
    weights=np.array([1, 1, 0.25, 0.5, 1, 0.75]),
)
LOGITS = np.random.default_rng(0).normal(0, 3, (6, 4)).astype("float32")


def by_recording(of_recording):
    """A function of logits and weights, applied to each recording alone."""
    rows = []
    for clip in range(3):
        chosen = WINDOWS.clip_of_window == clip
        rows.append(of_recording(LOGITS[chosen], WINDOWS.weights[chosen]))
    return np.array(rows)


def pooled(pooling, logits=LOGITS):
    return pool_windows(WINDOWS, {"a": logits}, pooling)["a"]


def test_mean_logits_weigh_windows_by_what_they_hold():
    expected = by_recording(lambda x, w: np.average(x, axis=0, weights=w))
    np.testing.assert_allclose(pooled("mean_logits"), expected, rtol=1e-6)
    unnamed = pool_windows(WINDOWS, {"a": LOGITS})["a"]
    np.testing.assert_array_equal(unnamed, pooled("mean_logits"))


def test_mean_probabilities_are_what_the_softmax_of_the_result_gives():
    expected = by_recording(
        lambda x, w: np.average(
            scipy.special.softmax(x.astype(float), axis=1), axis=0, weights=w
        )
    )
    found = scipy.special.softmax(pooled("mean_probabilities"), axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_max_logits_count_every_window_alike():
    expected = by_recording(lambda x, w: x.max(axis=0))
    np.testing.assert_array_equal(pooled("max_logits"), expected)


@pytest.mark.parametrize(
    "pooling", ["mean_logits", "mean_probabilities", "max_logits"]
)
def test_huge_logits_stay_finite_and_others_are_not_hidden(pooling):
    huge = np.zeros((6, 4), "float32")
    huge[:, 0] = 3e4
    found = pooled(pooling, huge)
    assert np.isfinite(found).all() and (found.argmax(axis=1) == 0).all()
    huge[1, 2] = np.nan
    assert np.isnan(pooled(pooling, huge)[0]).any()


def test_one_window_has_the_probabilities_it_had():
    single = types.SimpleNamespace(
        clip_of_window=np.arange(6), weights=np.ones(6)
    )
    expected = scipy.special.softmax(LOGITS.astype(float), axis=1)
    for pooling in ("mean_logits", "mean_probabilities", "max_logits"):
        found = pool_windows(single, {"a": LOGITS}, pooling)["a"]
        np.testing.assert_allclose(
            scipy.special.softmax(found.astype(float), axis=1),
            expected,
            rtol=1e-5,
        )


def test_a_recording_is_pooled_over_windows_that_overlap():
    clips = make_clips([25, 10, 3])
    logits = inference.recording_logits(
        Reader(), clips, 10, batch_size=2, hop_samples=5, pooling="max_logits"
    )
    first = np.arange(1, 26)
    means = [first[start : start + 10].mean() for start in (0, 5, 10, 15)]
    expected = [max(means), max(-np.array(means))]
    np.testing.assert_allclose(logits["a"][0], expected)
    np.testing.assert_allclose(logits["a"][2, 0], (36 + 37 + 38) / 10)


def test_several_labels_have_the_mean_of_their_sigmoids():
    expected = by_recording(
        lambda x, w: np.average(scipy.special.expit(x), axis=0, weights=w)
    )
    kinds = {"a": SEVERAL_LABELS}
    found = pool_windows(WINDOWS, {"a": LOGITS}, "mean_probabilities", kinds)
    np.testing.assert_allclose(
        scipy.special.expit(found["a"]), expected, rtol=1e-5
    )
    far = np.full((6, 1), -2000.0)
    found = pool_windows(WINDOWS, {"a": far}, "mean_probabilities", kinds)
    np.testing.assert_allclose(found["a"], -2000)
    for pooling in ("mean_logits", "max_logits"):
        of_both = pool_windows(WINDOWS, {"a": LOGITS}, pooling, kinds)
        np.testing.assert_array_equal(of_both["a"], pooled(pooling))
