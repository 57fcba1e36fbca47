"""A convolution and a resampling give the same in either order."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from audio_diffstride.layers import axis_products


def arrays(axis, taps, new_size=5):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 9, 7, 3))
    shape = (taps, 1, 3, 4) if axis == 1 else (1, taps, 3, 4)
    kernel = rng.normal(size=shape)
    matrix = rng.normal(size=(new_size, x.shape[axis]))
    return [tf.constant(a) for a in (x, kernel, matrix)]


def values_and_gradients(axis, taps, resample_first):
    inputs = arrays(axis, taps)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = axis_products.convolve_and_resample(*inputs, axis, resample_first)
        loss = tf.reduce_sum(tf.sin(y))
    return [y, *tape.gradient(loss, inputs)]


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("taps", [1, 2, 3, 4, 5])
def test_both_orders_have_the_same_values_and_gradients(axis, taps):
    first = values_and_gradients(axis, taps, True)
    last = values_and_gradients(axis, taps, False)
    for ours, theirs in zip(first, last):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize("resample_first", [True, False])
def test_equals_a_keras_convolution_and_a_numpy_product(axis, resample_first):
    x, kernel, matrix = arrays(axis, 3)
    layer = keras.layers.Conv2D(
        4, kernel.shape[:2], padding="same", dtype="float64"
    )
    layer.build(x.shape)
    layer.kernel.assign(kernel)
    y = np.moveaxis(np.asarray(layer(x)), axis, -1) @ np.asarray(matrix).T
    ours = axis_products.convolve_and_resample(
        x, kernel, matrix, axis, resample_first
    )
    np.testing.assert_allclose(ours, np.moveaxis(y, -1, axis), atol=1e-5)


@pytest.mark.parametrize("axis", range(4))
def test_a_matrix_along_any_axis_is_numpys_product(axis):
    rng = np.random.default_rng(axis)
    x = rng.normal(size=(2, 3, 4, 5)).astype("float32")
    matrix = rng.normal(size=(6, x.shape[axis])).astype("float32")
    expected = np.moveaxis(np.moveaxis(x, axis, -1) @ matrix.T, -1, axis)
    y = axis_products.apply_along_axis(ops.convert_to_tensor(matrix), x, axis)
    np.testing.assert_allclose(y, expected, atol=1e-5)


def test_the_counts_are_those_of_the_products():
    # K C C' N + M N C', and K M N C + K M C C', for (N, M, C, C', K).
    counts = axis_products.multiply_adds(10, 4, 2, 3, taps=5)
    assert counts == [(300, 120), (120, 400)]


@pytest.mark.parametrize("resample_first", [True, False])
def test_the_order_is_the_one_that_is_asked_for(resample_first, monkeypatch):
    """It decides the cost: the matrix is applied to 3 channels, or to 4."""
    seen = []
    product = axis_products._flat_product
    monkeypatch.setattr(
        axis_products,
        "_flat_product",
        lambda matrix, x, *rest: (
            seen.append(x.shape[-1]) or product(matrix, x, *rest)
        ),
    )
    axis_products.convolve_and_resample(*arrays(1, 3), 1, resample_first)
    assert {*seen} == {3 if resample_first else 4}
