"""The learning rate rises linearly, then follows its schedule."""

import keras
import numpy as np
import pytest

from audio_diffstride.optimization.warm_up import WarmUp
from tests.optimization.recipe_test import compiled


def rates(num_steps=40, **changes):
    """The learning rate of each step of a run."""
    changes = {"num_steps": num_steps, "learning_rate": 0.1, **changes}
    optimizer = compiled(**changes).optimizer
    optimizer.build([])
    found = []
    for step in range(num_steps):
        optimizer.iterations.assign(step)
        found.append(float(optimizer.learning_rate))
    return np.array(found)


RISE = 0.1 * np.arange(1, 11) / 10


def test_a_constant_rate_rises_and_stays():
    found = rates(schedule="constant", warmup_steps=10)
    expected = np.concatenate([RISE, np.full(30, 0.1)])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_cosine_rises_and_then_falls_over_the_rest_of_the_run():
    found = rates(schedule="cosine", warmup_steps=10)
    share = np.arange(30) / 30
    fall = 0.05 * (1 + np.cos(np.pi * share))
    expected = np.concatenate([RISE, fall])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_steps_rise_and_fall_at_their_shares_of_the_whole_run():
    found = rates(
        schedule="steps", schedule_boundaries=(0.5, 0.75), warmup_steps=10
    )
    plateaus = np.repeat([0.1, 0.01, 0.001], [10, 10, 10])
    expected = np.concatenate([RISE, plateaus])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "schedule", ["constant", "cosine"], ids=["constant", "cosine"]
)
def test_without_a_rise_the_rate_is_as_it_was(schedule):
    optimizer = compiled(schedule=schedule, num_steps=40).optimizer
    kind = keras.optimizers.schedules.CosineDecay
    is_cosine = isinstance(optimizer._learning_rate, kind)
    assert is_cosine == (schedule == "cosine")
    assert not isinstance(optimizer._learning_rate, WarmUp)


@pytest.mark.parametrize(
    "schedule", [0.1, keras.optimizers.schedules.CosineDecay(0.1, 30)]
)
def test_a_rise_is_read_back_from_its_config(schedule):
    rise = WarmUp(schedule, warmup_steps=10, delay_steps=10)
    content = keras.saving.serialize_keras_object(rise)
    again = keras.saving.deserialize_keras_object(content)
    assert again.get_config() == rise.get_config()
    for step in (0, 5, 9, 10, 25, 39):
        assert float(again(step)) == float(rise(step))
