"""Losses of hard and soft labels, against Keras's own and against NumPy."""

import keras
import numpy as np
import pytest
import scipy.special

from audio_diffstride import training
from audio_diffstride.optimization.losses import GlobalMean, SoftLabelLoss
from audio_diffstride.runs import model_files
from tests.support.autodiff import gradients
from tests.support.synthetic import tiny_config

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 3, (6, 4)).astype("float32")
INDICES = np.array([0, 3, 1, 1, 2, 0])
ONE_HOT = np.eye(4, dtype="float32")[INDICES]
SHARES = RNG.dirichlet(np.ones(4), 6).astype("float32")
WEIGHTS = np.array([1, 0, 0.5, 1, 1, 0.25], "float32")


def loss(labels, weights=WEIGHTS, **arguments):
    return float(SoftLabelLoss(**arguments)(labels, LOGITS, weights))


def by_numpy(shares, smoothing, gamma):
    shares = shares * (1 - smoothing) + smoothing / 4
    log_p = scipy.special.log_softmax(LOGITS.astype(float), axis=1)
    each = -(shares * (1 - np.exp(log_p)) ** gamma * log_p).sum(axis=1)
    return (WEIGHTS * each).sum() / WEIGHTS.sum()


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_loss_is_its_formula_for_hard_and_soft_labels(smoothing, gamma):
    arguments = {"label_smoothing": smoothing, "focal_gamma": gamma}
    for labels, shares in (
        (SHARES, SHARES),
        (ONE_HOT, ONE_HOT),
        (INDICES, ONE_HOT),
    ):
        expected = by_numpy(shares, smoothing, gamma)
        assert loss(labels, **arguments) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_a_loss_is_that_of_keras(smoothing):
    plain = keras.losses.CategoricalCrossentropy(
        from_logits=True,
        label_smoothing=smoothing,
        reduction="mean_with_sample_weight",
    )
    focal = keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0,
        gamma=2.0,
        from_logits=True,
        label_smoothing=smoothing,
        reduction="mean_with_sample_weight",
    )
    for keras_loss, gamma in ((plain, 0.0), (focal, 2.0)):
        expected = float(keras_loss(SHARES, LOGITS, WEIGHTS))
        ours = loss(SHARES, label_smoothing=smoothing, focal_gamma=gamma)
        assert ours == pytest.approx(expected, rel=1e-5)


def test_without_any_of_it_the_loss_is_that_of_hard_labels():
    expected = float(GlobalMean()(INDICES, LOGITS, WEIGHTS))
    assert loss(INDICES) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_a_class_that_is_certain_or_far_off_has_a_finite_gradient(gamma):
    logits = np.array([[200.0, 0.0, 0.0, -200.0]] * 2, "float32")
    labels = np.array([0, 3])

    def of(values):
        return SoftLabelLoss(focal_gamma=gamma)(labels, values, np.ones(2))

    _, gradient = gradients(of, [logits])
    assert np.isfinite(gradient).all()
    # Wrong by far, so the whole step: 1 of two examples.
    assert gradient[1, 3] == pytest.approx(-0.5)
    assert abs(gradient[0, 0]) < 1e-6


def compiled(**fields):
    config = tiny_config()
    for name, value in fields.items():
        section, _, field = name.partition("__")
        config[section][field] = value
    model = training.build_model(config, {"a": list("xy"), "b": list("123")})
    training.compile_model(model, config)
    return model


def loss_of(model):
    return model.get_compile_config()["loss"]["a"]


def test_hard_labels_keep_the_loss_of_earlier_versions():
    assert loss_of(compiled())["registered_name"].endswith(">GlobalMean")
    gamma_alone = compiled(training__focal_gamma=3.0)
    assert loss_of(gamma_alone)["registered_name"].endswith(">GlobalMean")


def test_a_config_chooses_the_loss():
    for fields, smoothing, gamma in (
        ({"training__label_smoothing": 0.1}, 0.1, 0.0),
        ({"training__loss": "focal"}, 0.0, 2.0),
        ({"augmentation__mixup": 0.2}, 0.0, 0.0),
        (
            {
                "training__loss": "focal",
                "training__focal_gamma": 1.0,
                "training__label_smoothing": 0.3,
                "augmentation__mixup": 0.2,
            },
            0.3,
            1.0,
        ),
    ):
        found = loss_of(compiled(**fields))
        assert found["registered_name"].endswith(">SoftLabelLoss")
        assert found["config"]["label_smoothing"] == smoothing
        assert found["config"]["focal_gamma"] == gamma


def test_soft_labels_train_and_the_accuracy_is_of_the_larger_share(tmp_path):
    model = compiled(augmentation__mixup=1.0, training__loss="focal")
    model.run_eagerly = True  # which is quicker for so few steps
    sounds = RNG.normal(0, 3000, (3, 3200)).astype("int16")
    predicted = np.argmax(model.predict_on_batch(sounds)["a"], axis=1)
    right = np.where(np.eye(2)[predicted], 0.6, 0.4).astype("float32")
    right[2] = 1 - right[2]  # wrong, and has a quarter of the weight
    labels = {"a": right, "b": np.full((3, 3), 1 / 3, "float32")}
    weights = {"a": np.array([1, 1, 0.25], "float32"), "b": np.zeros(3, "f4")}
    before = [np.array(v) for v in model.trainable_variables]
    logs = model.test_on_batch(sounds, labels, weights, return_dict=True)
    assert logs["a_accuracy"] == pytest.approx(2 / 2.25)
    assert logs["b_accuracy"] == 0
    model.train_on_batch(sounds, labels, weights)
    after = model.trainable_variables
    assert any((np.array(v) != w).any() for v, w in zip(after, before))
    model.save(tmp_path / "model.keras")
    model_files.load(tmp_path / "model.keras")  # refuses unknown parts
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loss_of(loaded)["config"]["focal_gamma"] == 2.0
