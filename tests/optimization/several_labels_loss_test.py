"""The loss of several labels, against Keras's own and against NumPy."""

import keras
import numpy as np
import pytest
import scipy.special

from audio_diffstride import training
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.optimization.losses import SeveralLabelsLoss
from tests.support.autodiff import gradients
from tests.support.synthetic import tiny_config

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 3, (6, 4)).astype("float32")
LABELS = RNG.integers(0, 2, (6, 4))
SHARES = RNG.random((6, 4)).astype("float32")
KNOWN = RNG.integers(0, 2, (6, 4)).astype("float32")


def loss(labels, known=KNOWN, **arguments):
    return float(SeveralLabelsLoss(**arguments)(labels, LOGITS, known))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_is_its_formula_over_what_is_known(smoothing, gamma):
    for labels in (LABELS, SHARES):
        t = labels * (1 - smoothing) + smoothing / 2
        p = scipy.special.expit(LOGITS.astype(float))
        each = -t * (1 - p) ** gamma * np.log(p)
        each -= (1 - t) * p**gamma * np.log(1 - p)
        expected = (KNOWN * each).sum() / KNOWN.sum()
        found = loss(labels, label_smoothing=smoothing, focal_gamma=gamma)
        assert found == pytest.approx(expected, rel=1e-5)


def test_the_loss_is_that_of_keras_where_all_is_known():
    everything = np.ones_like(KNOWN)
    for smoothing in (0.0, 0.2):
        expected = keras.losses.BinaryCrossentropy(
            from_logits=True, label_smoothing=smoothing
        )(LABELS, LOGITS)
        found = loss(LABELS, everything, label_smoothing=smoothing)
        assert found == pytest.approx(float(expected), rel=1e-5)


def test_what_is_not_known_and_what_is_far_off_have_finite_gradients():
    logits = np.array([[200.0, -200.0, 200.0, 3.0]], "float32")
    labels = np.array([[1, 1, 0, 1]])
    known = np.array([[1, 1, 1, 0]], "float32")
    for gamma in (0.0, 0.5, 2.0):

        def of(values, gamma=gamma):
            return SeveralLabelsLoss(focal_gamma=gamma)(labels, values, known)

        _, gradient = gradients(of, [logits])
        np.testing.assert_allclose(gradient, [[0, -1 / 3, 1 / 3, 0]], atol=1e-6)


def test_each_kind_of_task_has_its_loss_in_one_network():
    config = tiny_config()
    config.training.label_smoothing = 0.1
    config.training.loss = "focal"
    model = training.build_model(
        config,
        {"bird": list("rwo"), "site": list("xy")},
        {"bird": SEVERAL_LABELS, "site": ONE_LABEL},
    )
    training.compile_model(model, config)
    losses = model.get_compile_config()["loss"]
    assert losses["bird"]["registered_name"].endswith(">SeveralLabelsLoss")
    assert losses["bird"]["config"]["label_smoothing"] == 0.1
    assert losses["bird"]["config"]["focal_gamma"] == 2.0
    assert losses["site"]["registered_name"].endswith(">SoftLabelLoss")
    sounds = RNG.normal(0, 3000, (3, 3200)).astype("int16")
    labels = {"bird": LABELS[:3, :3], "site": np.array([0, 1, 1])}
    weights = {"bird": KNOWN[:3, :3], "site": np.array([1.0, 0, 1], "f4")}
    logs = model.test_on_batch(sounds, labels, weights, return_dict=True)
    assert "site_accuracy" in logs
    assert "bird_accuracy" not in logs
    logits = model.predict_on_batch(sounds)
    expected = SeveralLabelsLoss(0.1, 2.0)(
        labels["bird"], logits["bird"], weights["bird"]
    )
    assert logs["bird_loss"] == pytest.approx(float(expected), rel=1e-4)
