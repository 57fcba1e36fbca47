"""Temperatures are those of the smallest negative log likelihood."""

import numpy as np
import pytest
import scipy.special
import sklearn.metrics

from audio_diffstride.calibration import temperature
from audio_diffstride.datasets.kinds import NO_LABEL

KNOWN = (0.5, 1.0, 2.5)


def sample(activation: str, known: float, num_windows=20_000, num_classes=4):
    """Logits that are `known` times too large, and truths drawn from them."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (num_windows, num_classes))
    if activation == "sigmoid":
        truths = rng.random(logits.shape) < scipy.special.expit(logits)
    else:
        # The largest of logits with Gumbel noise has the softmax's odds.
        drawn = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
        truths = drawn[:, None] == np.arange(num_classes)
    return known * logits, truths.astype(int)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
@pytest.mark.parametrize("known", KNOWN)
def test_a_known_temperature_is_recovered(activation, known):
    logits, truths = sample(activation, known)
    found = temperature.fit(logits, truths, activation)
    assert found == pytest.approx(known, rel=0.04)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_no_other_temperature_is_likelier(activation):
    logits, truths = sample(activation, 3.0, num_windows=60)
    found = temperature.fit(logits, truths, activation)

    def loss(value):
        return temperature.negative_log_likelihood(
            logits, truths, value, activation
        )

    grid = np.geomspace(temperature.LOWEST, temperature.HIGHEST, 999)
    assert loss(found) <= min(map(loss, grid)) + 1e-12


def test_the_likelihood_is_scikit_learns():
    logits, truths = sample("softmax", 2.0, num_windows=50)
    scores = temperature.probabilities(logits, 1.7)
    np.testing.assert_allclose(
        temperature.negative_log_likelihood(logits, truths),
        sklearn.metrics.log_loss(
            truths.argmax(axis=1), temperature.probabilities(logits, 1.0)
        ),
    )
    np.testing.assert_allclose(
        temperature.negative_log_likelihood(logits, truths, 1.7),
        sklearn.metrics.log_loss(truths.argmax(axis=1), scores),
    )
    scores = temperature.probabilities(logits, 1.7, "sigmoid")
    np.testing.assert_allclose(
        temperature.negative_log_likelihood(logits, truths, 1.7, "sigmoid"),
        sklearn.metrics.log_loss(truths.ravel(), scores.ravel()),
    )


def test_the_order_of_the_classes_stays():
    logits, _ = sample("softmax", 1.0, num_windows=50)
    before = temperature.probabilities(logits).argsort()
    after = temperature.probabilities(logits, 5.0).argsort()
    assert (before == after).all()


def test_at_1_the_bits_of_a_probability_stay():
    logits = np.random.default_rng(0).normal(0, 9, (50, 4)).astype("float32")
    powers = np.exp(np.float64(logits) - logits.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    assert (temperature.probabilities(logits) == expected).all()


def test_without_a_mistake_there_is_no_temperature_to_learn():
    truths = np.eye(3, dtype=int)[[0, 1, 2, 0]]
    assert temperature.fit(4.0 * truths, truths) == 1.0
    assert temperature.fit(4.0 * truths - 1, truths, "sigmoid") == 1.0
    # However little surer it is of what is right.
    assert temperature.fit(0.5 * truths, truths) == 1.0
    assert temperature.fit(0.5 * truths - 0.25, truths, "sigmoid") == 1.0
    # With one, there is.
    wrong = np.roll(truths, 1, axis=0)
    assert temperature.fit(4.0 * truths, wrong) == pytest.approx(
        temperature.HIGHEST, rel=1e-3
    )


def test_unknown_truths_do_not_count():
    logits, truths = sample("sigmoid", 2.0, num_windows=500)
    found = temperature.fit(logits, truths, "sigmoid")
    extra = np.full((100, 4), NO_LABEL)
    more = np.concatenate([truths, extra]), np.full((100, 4), 50.0)
    again = temperature.fit(
        np.concatenate([logits, more[1]]), more[0], "sigmoid"
    )
    assert again == pytest.approx(found, rel=1e-5)


@pytest.mark.parametrize(
    "activation, logits, truths",
    [
        ("softmax", [[1, 1], [0.2, 0]], [[1, 0], [1, 0]]),
        ("sigmoid", [[0], [0.2]], [[1], [1]]),
        ("sigmoid", [[0], [-0.2]], [[0], [0]]),
    ],
)
def test_a_tie_is_a_mistake(activation, logits, truths):
    """The others are likelier the lower the temperature, down to the bound."""
    logits, truths = np.array(logits, float), np.array(truths)
    found = temperature.fit(logits, truths, activation)
    assert found == pytest.approx(temperature.LOWEST, rel=1e-3)


@pytest.mark.parametrize("truth", [1, 0])
def test_a_mistake_on_one_side_is_enough(truth):
    """Whether a class that is there is missed, or one that is not is found."""
    signs = np.array([[-1.0], [3.0], [3.0], [3.0]])
    logits = signs if truth else -signs
    truths = np.full(logits.shape, truth)
    found = temperature.fit(logits, truths, "sigmoid")
    assert found != 1

    def loss(value):
        return sklearn.metrics.log_loss(
            truths[:, 0],
            scipy.special.expit(logits[:, 0] / value),
            labels=[0, 1],
        )

    assert loss(found) < min(loss(0.99 * found), loss(1.01 * found))


def test_the_bounds_are_those_that_are_stated():
    """Of guesses without any skill, the highest temperature is the best."""
    logits = np.array([[3.0, -3.0]] * 3 + [[-3.0, 3.0]] * 3)
    truths = np.array([[1, 0]] + [[0, 1]] * 3 + [[1, 0]] * 2)
    found = temperature.fit(logits, truths)
    assert found == pytest.approx(100, rel=1e-3)
    assert (temperature.LOWEST, temperature.HIGHEST) == (0.1, 100)
