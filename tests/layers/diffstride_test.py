"""DiffStride: values, gradients, limits and errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from audio_diffstride import DiffStride
from tests.support import numpy_oracle
from tests.support.layer_test_case import run_layer_test

BANDS = ("outside", "inside")


def random(*shape, dtype="float32"):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


def in_graph(layer):
    """The layer as training has it: one graph for inputs of any size."""
    layer.build((None, None, 3))
    return tf.function(
        lambda x: layer(x), input_signature=[tf.TensorSpec((None, None, 3))]
    )


def stride_gradient(layer, x, weights):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) * weights)
    return tape.gradient(loss, layer.strides.value).numpy()


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("shared", [False, True])
def test_does_what_every_layer_does(band, shared, tmp_path):
    run_layer_test(
        lambda **kwargs: DiffStride(
            2.3, transition_band=band, shared_stride=shared, **kwargs
        ),
        (3, 33, 20, 4),
        tmp_path,
    )


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("smoothness", [0.5, 4.0])
@pytest.mark.parametrize("stride", [1.0, 2.0, 3.7])
def test_equals_the_fourier_definition_at_every_size(band, smoothness, stride):
    layer = DiffStride(
        stride, smoothness_factor=smoothness, transition_band=band
    )
    graph = in_graph(layer)
    for size in numpy_oracle.ODD_AND_TINY_SIZES:
        x = random(2, size, 3)
        expected = numpy_oracle.downsample(x, 1, stride, smoothness, band)
        y = ops.convert_to_numpy(graph(x))
        assert layer.output_size((size,)) == expected.shape[1:2], size
        np.testing.assert_allclose(y, expected, atol=1e-5, err_msg=str(size))


def test_every_axis_of_1d_2d_and_3d_inputs_is_downsampled():
    x = random(2, 20, 17, 12, 3)
    expected = x
    for axis, stride in ((1, 1.5), (2, 2.0), (3, 1.2)):
        expected = numpy_oracle.downsample(expected, axis, stride)
        layer = DiffStride((1.5, 2.0, 1.2)[:axis])
        rank_x = x.reshape(2, *x.shape[1 : axis + 1], -1)
        y = ops.convert_to_numpy(layer(rank_x))
        np.testing.assert_allclose(
            y, expected.reshape(y.shape), atol=1e-5, err_msg=f"{axis}-D"
        )


def test_named_axes_are_downsampled_with_their_own_stride():
    x = random(2, 40, 30, 3)
    layer = DiffStride((1.5, 3.0))
    both = ops.convert_to_numpy(layer(x))
    one_by_one = layer(layer(x, axes=(1,)), axes=(2,))
    np.testing.assert_allclose(one_by_one, both, atol=1e-5)
    alone = ops.convert_to_numpy(layer(x, axes=(2,)))
    expected = numpy_oracle.downsample(x, 2, 3.0)
    np.testing.assert_allclose(alone, expected, atol=1e-5)


def test_both_data_formats_give_the_same():
    x = random(2, 30, 21, 3)
    last = DiffStride((1.5, 3.0), data_format="channels_last")(x, axes=(2,))
    layer = DiffStride((1.5, 3.0), data_format="channels_first")
    first = layer(np.moveaxis(x, -1, 1), axes=(2,))
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), last, atol=1e-6)


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize(
    "folding", [{}, {"folding": 0.6, "folded_channels": "half"}]
)
def test_graph_of_unknown_sizes_equals_eager(folding, band):
    layer = DiffStride(1.7, transition_band=band, **folding)
    layer.build((None, None, None, 3))
    graph = tf.function(
        lambda x: layer(x),
        input_signature=[tf.TensorSpec((None, None, None, 3))],
    )
    for height, width in ((33, 20), (2, 1), (5, 3), (1, 40)):
        x = random(2, height, width, 3)
        np.testing.assert_allclose(graph(x), layer(x), atol=1e-6)


@pytest.mark.parametrize("band", BANDS)
def test_constant_input_keeps_its_value(band):
    for size in (3, 16, 101):
        y = DiffStride(2.6, transition_band=band)(np.full((1, size, 1), 7.0))
        np.testing.assert_allclose(y, 7.0, rtol=1e-5)


@pytest.mark.parametrize("size", [31, 32])
def test_rising_and_falling_chirps_are_attenuated_alike(size):
    # The released layer's mask is off by one between +k and -k.
    layer = DiffStride(4.0)
    n = np.arange(size)
    for k in range(1, size // 2):
        powers = []
        for sign in (1, -1):
            phase = 2 * np.pi * (k * n[:, None] + sign * 3 * n) / size
            y = layer(np.cos(phase)[None, :, :, None].astype("float32"))
            powers.append(float(ops.sum(ops.square(y))))
        assert powers[0] == pytest.approx(powers[1], rel=1e-4, abs=1e-6)


def test_long_axis_has_no_phase_error():
    x = random(1, 4000, 1)
    y = ops.convert_to_numpy(DiffStride(1.9)(x))
    np.testing.assert_allclose(y, numpy_oracle.downsample(x, 1, 1.9), atol=2e-5)


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("stride", [1.31, 2.07, 3.33])
def test_gradients_equal_finite_differences(band, stride):
    x = random(2, 40, 33, 2, dtype="float64")
    layer = DiffStride(stride, transition_band=band, dtype="float64")
    shape = layer(x).shape
    weights = np.random.default_rng(1).normal(size=shape)

    def loss():
        return float(ops.sum(layer(x) * weights))

    gradient = stride_gradient(layer, x, weights)
    step = 1e-6
    for axis in (0, 1):
        around = []
        for sign in (1, -1):
            strides = np.full(2, stride)
            strides[axis] += sign * step
            layer.strides.assign(strides)
            around.append(loss())
        layer.strides.assign(np.full(2, stride))
        expected = (around[0] - around[1]) / (2 * step)
        assert gradient[axis] == pytest.approx(expected, rel=1e-5)

    with tf.GradientTape() as tape:
        variable = tf.constant(x)
        tape.watch(variable)
        value = tf.reduce_sum(layer(variable) * weights)
    gradient_x = tape.gradient(value, variable).numpy()
    direction = np.random.default_rng(2).normal(size=x.shape)
    expected = float(ops.sum(layer(x + direction) * weights)) - loss()
    assert np.sum(gradient_x * direction) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("stride", [1.0, 2.0, 30.0])
def test_stride_gradient_is_finite_and_alive_at_every_size(band, stride):
    layer = DiffStride(stride, transition_band=band)
    layer.build((None, None, 3))
    any_size = tf.TensorSpec((None, None, 3))

    @tf.function(input_signature=[any_size, any_size])
    def in_graph(x, weights):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x) * weights)
        return tape.gradient(loss, layer.strides.value)

    for size in numpy_oracle.ODD_AND_TINY_SIZES:
        if size <= 2:
            continue  # passes through
        x = random(2, size, 3)
        weights = random(2, *layer.output_size((size,)), 3)
        gradient = in_graph(x, weights).numpy()
        assert np.isfinite(gradient).all(), size
        assert np.abs(gradient).max() > 0, size


def test_inference_and_training_calls_write_no_weight():
    layer = DiffStride((1.2, 3.0))
    layer.build((None, None, None, 2))
    for size in (1, 2, 4, 8, 101):
        for training in (False, True):
            layer(random(1, size, size, 2), training=training)
    np.testing.assert_array_equal(
        layer.strides, np.array([1.2, 3.0], "float32")
    )


def test_a_stride_of_one_is_trained_away_from_its_bound():
    layer = DiffStride(1.0)
    model = keras.Sequential([keras.Input((64, 1)), layer])
    model.compile(keras.optimizers.SGD(1.0), loss=_mean_power)
    x = np.sign(random(4, 64, 1))
    model.train_on_batch(x, x[:, :1])
    assert float(layer.strides[0]) > 1.0


def _mean_power(_, y):
    return ops.mean(ops.square(y))


def test_strides_stay_in_their_limits_whatever_the_gradient():
    for lower, upper, expected in (
        (None, None, (1.0, 1001.0)),
        (1.5, 3.0, (1.5, 3.0)),
    ):
        layer = DiffStride(
            2.0, lower_limit_stride=lower, upper_limit_stride=upper
        )
        layer.build((None, 40, 40, 1))
        optimizer = keras.optimizers.SGD(1.0)
        optimizer.build([layer.strides])
        optimizer.apply([np.array([1e6, -999.0], "float32")], [layer.strides])
        np.testing.assert_allclose(layer.strides, expected)


def test_initial_strides_respect_the_limits():
    layer = DiffStride(2.0, upper_limit_stride=1.5)
    layer.build((None, 40, 1))
    assert float(layer.strides[0]) == 1.5


def test_a_frozen_layer_has_no_trainable_weight():
    layer = DiffStride(2.0, trainable=False)
    layer.build((None, 40, 1))
    assert layer.trainable_weights == []
    assert len(layer.weights) == 1


def test_strides_are_float32_under_half_precision():
    for policy in ("float16", "mixed_float16", "bfloat16", "mixed_bfloat16"):
        layer = DiffStride(1.2345678, dtype=policy)
        layer(np.ones((1, 40, 1), "float32"))
        assert layer.strides.dtype == "float32"
        assert float(layer.strides[0]) == pytest.approx(1.2345678, abs=1e-7)


def test_strides_of_a_shared_layer_are_one_number():
    layer = DiffStride(2.0, shared_stride=True)
    assert layer.output_size((100, 64)) == (58, 40)
    assert layer.strides.shape == (1,)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"strides": 0.5}, "`strides` must be .* >= 1.*0.5"),
        ({"strides": (2.0, 0.5)}, "`strides` must be .*0.5"),
        ({"strides": float("nan")}, "`strides` must be a finite.*nan"),
        ({"strides": ()}, "`strides` must be"),
        ({"strides": "two"}, "`strides` must be.*two"),
        ({"strides": None}, "`strides` must be.*None"),
        ({"smoothness_factor": -1}, "`smoothness_factor` must be.*> 0.*-1"),
        ({"smoothness_factor": 0}, "`smoothness_factor` must be.*> 0.*0"),
        ({"smoothness_factor": float("nan")}, "`smoothness_factor`.*nan"),
        ({"transition_band": "beside"}, "`transition_band`.*outside.*beside"),
        ({"data_format": "last"}, "`data_format` must be.*last"),
        ({"lower_limit_stride": 0.5}, "`lower_limit_stride`.*>= 1.*0.5"),
        ({"upper_limit_stride": float("inf")}, "`upper_limit_stride`.*inf"),
        (
            {"lower_limit_stride": 3, "upper_limit_stride": 2},
            "must not exceed.*3.*2",
        ),
    ],
)
def test_a_bad_argument_is_named_with_its_rule_and_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        DiffStride(**arguments)


def test_strides_that_do_not_fit_the_input_are_refused():
    with pytest.raises(ValueError, match="one number per spatial axis.*2"):
        DiffStride((2.0, 2.0, 2.0))(np.ones((1, 8, 8, 1)))
    with pytest.raises(ValueError, match="must be equal where `shared"):
        DiffStride((2.0, 3.0), shared_stride=True)(np.ones((1, 8, 8, 1)))
    for axes in ((0,), (3,), (1, 1)):
        with pytest.raises(ValueError, match="`axes` must be different"):
            DiffStride(2.0)(np.ones((1, 8, 8, 1)), axes=axes)
