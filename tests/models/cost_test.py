"""The cost function and its weight in the training loss."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from audio_diffstride import AudioClassifier, TimeFrequencyEncoder, complexity


def test_is_the_sum_of_cumulated_shares():
    strides = [(2.0, 1.5), (1.0, 1.0), (3.0, 1.2)]
    expected = 1 / 3 + 1 / 3 + 1 / 3 / 3.6
    assert float(complexity(strides)) == pytest.approx(expected)


def test_gradient_pulls_every_stride_up_and_early_ones_most():
    strides = tf.Variable([[2.0, 2.0], [2.0, 2.0], [2.0, 2.0]])
    with tf.GradientTape() as tape:
        cost = complexity(tf.unstack(strides))
    gradient = tape.gradient(cost, strides).numpy()
    assert (gradient < 0).all()
    assert (np.diff(gradient[:, 0]) > 0).all()


def test_weight_adds_the_cost_to_the_training_loss_only():
    def model(weight):
        keras.utils.set_random_seed(0)
        return AudioClassifier(
            {"a": 2},
            encoder=TimeFrequencyEncoder(
                channels=(4, 4),
                strides=((2, 2), (2, 2)),
                complexity_weight=weight,
            ),
        )

    x = np.ones((2, 1600), "float32")
    plain, weighted = model(0.0), model(10.0)
    plain(x, training=True)
    assert plain.losses == []
    weighted(x, training=True)
    assert float(sum(weighted.losses)) == pytest.approx(10 * (1 / 4 + 1 / 16))
    weighted(x, training=False)
    assert weighted.losses == []
