"""The FFT form of the layer is the layer, or comparing times means nothing."""

import numpy as np
import pytest
import tensorflow as tf

from audio_diffstride import DiffStride
from audio_diffstride.benchmark.fft_layer import fft_diffstride


@pytest.mark.parametrize("band", ["outside", "inside"])
@pytest.mark.parametrize("size", [(100, 64), (13, 8), (40, 41), (3, 5)])
def test_fft_form_equals_the_layer_in_value_and_gradient(band, size):
    layer = DiffStride((1.7, 2.4), 2.0, band)
    x = tf.constant(
        np.random.default_rng(0).normal(size=(2, *size, 3)).astype("float32")
    )
    layer.build(x.shape)
    results = []
    for function in (layer, lambda x: fft_diffstride(layer, x)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
            loss = tf.reduce_sum(tf.sin(y))
        results.append((y, *tape.gradient(loss, [x, layer.strides.value])))
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
