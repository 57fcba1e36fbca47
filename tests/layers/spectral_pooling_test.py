"""Spectral pooling against SciPy's resampling."""

import numpy as np
import pytest
import scipy.signal
import tensorflow as tf
from keras import ops

from audio_diffstride import SpectralPooling
from tests.support.layer_test_case import run_layer_test
from tests.support.numpy_oracle import ODD_AND_TINY_SIZES


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def test_does_what_every_layer_does(tmp_path):
    run_layer_test(
        lambda **kwargs: SpectralPooling((1.5, 2), **kwargs),
        (3, 33, 20, 4),
        tmp_path,
    )


@pytest.mark.parametrize("stride", [1.0, 1.6, 2.0, 3.0, 50.0])
def test_equals_scipy_resample_at_every_size(stride):
    for size in ODD_AND_TINY_SIZES:
        x = random(2, size, 3)
        new_size = max(1, int(size / stride + 1e-4))
        expected = scipy.signal.resample(x.astype("float64"), new_size, axis=1)
        layer = SpectralPooling(stride)
        np.testing.assert_allclose(layer(x), expected, atol=1e-5)
        assert layer.output_size((size,)) == (new_size,)


def test_equals_scipy_resample_along_both_axes():
    x = random(2, 101, 64, 3)
    expected = scipy.signal.resample(x.astype("float64"), 50, axis=1)
    expected = scipy.signal.resample(expected, 40, axis=2)
    np.testing.assert_allclose(
        SpectralPooling((2.0, 1.6))(x), expected, atol=1e-5
    )


def test_both_data_formats_give_the_same():
    x = random(2, 30, 21, 3)
    last = SpectralPooling((1.5, 3.0), data_format="channels_last")(x)
    first = SpectralPooling((1.5, 3.0), data_format="channels_first")(
        np.moveaxis(x, -1, 1)
    )
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), last, atol=1e-6)


def test_output_shape_is_known_when_the_model_is_built():
    shape = SpectralPooling(2.0).compute_output_shape((None, 101, 64, 3))
    assert shape == (None, 50, 32, 3)
    shape = SpectralPooling(2.0).compute_output_shape((None, None, 64, 3))
    assert shape == (None, None, 32, 3)


def test_graph_of_unknown_sizes_equals_eager():
    layer = SpectralPooling(1.7)
    layer.build((None, None, None, 3))
    graph = tf.function(
        lambda x: layer(x),
        input_signature=[tf.TensorSpec((None, None, None, 3))],
    )
    for height, width in ((33, 20), (2, 1), (1, 40)):
        x = random(2, height, width, 3)
        np.testing.assert_allclose(graph(x), layer(x), atol=1e-6)


def test_compiles_with_xla():
    layer = SpectralPooling(2.0)
    x = random(2, 20, 16, 3)
    compiled = tf.function(lambda x: layer(x), jit_compile=True)
    np.testing.assert_allclose(compiled(x), layer(x), atol=1e-6)


def test_has_no_weights():
    layer = SpectralPooling(2.0)
    layer(ops.ones((1, 8, 1)))
    assert layer.weights == []


@pytest.mark.parametrize("strides", [0.5, (2, 0.5), float("inf"), None, []])
def test_a_bad_stride_is_refused(strides):
    with pytest.raises(ValueError, match="`strides` must be"):
        SpectralPooling(strides)


def test_strides_that_do_not_fit_the_input_are_refused():
    with pytest.raises(ValueError, match="one number per spatial axis"):
        SpectralPooling((2.0, 2.0))(np.ones((1, 8, 1)))
