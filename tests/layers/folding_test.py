"""Folding: values, gradients, bounds and errors."""

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


@pytest.mark.parametrize(
    "fields",
    [
        {"folding": 0.3},
        {"folding": (0.0, 0.7), "learn_folding": True},
        {"folding": 1.0, "folded_axes": "second", "folded_channels": "half"},
    ],
    ids=str,
)
def test_does_what_every_layer_does(fields, tmp_path):
    run_layer_test(
        lambda **kwargs: DiffStride(
            2.3, transition_band="inside", **fields, **kwargs
        ),
        (3, 33, 20, 4),
        tmp_path,
    )


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("folding", [0.25, 1.0])
def test_equals_the_spectrum_evaluated_at_the_outputs(band, folding, learned):
    for stride, sizes in (
        (1.0, (1, 2, 3, 8, 33)),
        (2.0, (*range(1, 13), 40)),
        (2.7, (*range(3, 13), 101)),
    ):
        for size in sizes:
            x = random(2, size, 3)
            layer = DiffStride(
                stride,
                transition_band=band,
                folding=folding,
                learn_folding=learned,
            )
            expected = numpy_oracle.fold(x, 1, stride, folding, band=band)
            y = ops.convert_to_numpy(layer(x))
            assert layer.output_size((size,)) == expected.shape[1:2]
            message = f"{size} at {stride}"
            np.testing.assert_allclose(y, expected, atol=2e-5, err_msg=message)


def test_the_oracle_without_folding_is_the_oracle_of_the_paper():
    for band in BANDS:
        for size in (3, 20, 33, 40):
            x = random(2, size)
            for stride in (1.0, 2.0, 2.7):
                np.testing.assert_allclose(
                    numpy_oracle.fold(x, 1, stride, 0.0, band=band),
                    numpy_oracle.downsample(x, 1, stride, band=band),
                    atol=1e-12,
                )


@pytest.mark.parametrize("stride", [1, 2, 3, 5, 8])
def test_folding_all_at_a_whole_stride_takes_every_sth_sample(stride):
    x = random(2, 120, 3)
    layer = DiffStride(stride, transition_band="inside", folding=1.0)
    np.testing.assert_allclose(layer(x), x[:, ::stride], atol=2e-5)


def test_a_fast_wave_comes_back_as_the_slow_one_that_samples_cannot_tell():
    # 14 cycles in 32 samples; every second sample shows 2 cycles.
    n = np.arange(32)
    fast = np.cos(2 * np.pi * 14 * n / 32)[None, :, None].astype("float32")
    slow = np.cos(2 * np.pi * 2 * n[:16] / 16)
    for folding in (0.0, 0.4, 1.0):
        layer = DiffStride(2.0, transition_band="inside", folding=folding)
        y = ops.convert_to_numpy(layer(fast))[0, :, 0]
        np.testing.assert_allclose(y, folding * slow, atol=1e-5)


def test_a_folding_of_zero_is_the_same_layer_bit_for_bit():
    x = random(2, 40, 33, 3)
    for band in BANDS:
        plain = DiffStride((2.3, 1.7), transition_band=band)
        others = [
            DiffStride((2.3, 1.7), transition_band=band, **fields)
            for fields in (
                {"folding": 0.0},
                {"folding": 0.5, "folded_axes": "first"},
            )
        ]
        np.testing.assert_array_equal(others[0](x), plain(x))
        assert len(others[0].weights) == len(plain.weights) == 1
        np.testing.assert_array_equal(
            others[1](x, axes=(2,)), plain(x, axes=(2,))
        )
        assert np.abs(others[1](x) - plain(x)).max() > 0.1


def test_a_learned_folding_that_reaches_zero_is_the_layer_without():
    x = random(2, 40, 33, 3)
    for band in BANDS:
        learned = DiffStride(2.3, transition_band=band, learn_folding=True)
        plain = DiffStride(2.3, transition_band=band)
        np.testing.assert_allclose(learned(x), plain(x), atol=1e-6)


@pytest.mark.parametrize(
    "fields",
    [{}, {"learn_folding": True}, {"shared_folding": True}],
    ids=str,
)
def test_each_axis_folds_its_own_share(fields):
    x = random(2, 20, 17, 3)
    expected = numpy_oracle.fold(x, 1, 2.0, 0.2, band="inside")
    expected = numpy_oracle.fold(expected, 2, 2.0, 0.8, band="inside")
    layer = DiffStride(
        2.0, transition_band="inside", folding=(0.2, 0.8), **fields
    )
    np.testing.assert_allclose(layer(x), expected, atol=2e-5)


def test_half_of_the_channels_fold_and_the_others_do_not():
    x = random(2, 40, 33, 5)
    fields = {"strides": (2.0, 1.7), "transition_band": "inside"}
    half = DiffStride(**fields, folding=0.8, folded_channels="half")(x)
    np.testing.assert_allclose(
        half[..., :2], DiffStride(**fields)(x)[..., :2], atol=1e-6
    )
    folded = DiffStride(**fields, folding=0.8)(x)
    np.testing.assert_allclose(half[..., 2:], folded[..., 2:], atol=1e-6)
    first = DiffStride(
        **fields,
        folding=0.8,
        folded_channels="half",
        data_format="channels_first",
    )(np.moveaxis(x, -1, 1))
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), half, atol=1e-6)


def test_of_two_channels_one_folds():
    x = random(2, 40, 2)
    half = DiffStride(2.0, folding=1.0, folded_channels="half")(x)
    alone = [DiffStride(2.0, folding=share)(x) for share in (0.0, 1.0)]
    for channel in (0, 1):
        np.testing.assert_allclose(
            half[..., channel], alone[channel][..., channel], atol=1e-6
        )


def test_a_lone_channel_folds():
    x = random(2, 40, 1)
    half = DiffStride(2.0, folding=1.0, folded_channels="half")(x)
    np.testing.assert_array_equal(half, DiffStride(2.0, folding=1.0)(x))


@pytest.mark.parametrize("band", BANDS)
def test_constant_input_keeps_its_value(band):
    for size in (1, 2, 3, 16, 101):
        layer = DiffStride(2.6, transition_band=band, folding=0.6)
        y = layer(np.full((1, size, 1), 7.0))
        np.testing.assert_allclose(y, 7.0, rtol=1e-5)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("band", BANDS)
def test_gradients_equal_finite_differences(band, shared):
    x = random(2, 40, 33, 2, dtype="float64")
    layer = DiffStride(
        (1.73, 2.6),
        transition_band=band,
        folding=0.4,
        learn_folding=True,
        shared_folding=shared,
        dtype="float64",
    )
    weights = np.random.default_rng(1).normal(size=layer(x).shape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) * weights)
    variables = [layer.strides, layer.folding]
    gradients = tape.gradient(loss, [v.value for v in variables])
    assert layer.folding.shape == ((1,) if shared else (2,))
    for variable, gradient in zip(variables, gradients):
        values = np.array(variable)
        for index in range(len(values)):
            around = []
            for sign in (1, -1):
                moved = values.copy()
                moved[index] += sign * 1e-6
                variable.assign(moved)
                around.append(float(ops.sum(layer(x) * weights)))
            variable.assign(values)
            expected = (around[0] - around[1]) / 2e-6
            assert float(gradient[index]) == pytest.approx(expected, rel=1e-5)


def test_folding_stays_between_0_and_1_and_comes_back_from_both():
    layer = DiffStride(2.0, folding=0.5, learn_folding=True)
    layer.build((None, 40, 40, 1))
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build([layer.folding])
    for gradient, expected in (
        ([9.0, -9.0], [0.0, 1.0]),
        ([-0.25, 0.25], [0.25, 0.75]),
    ):
        optimizer.apply([np.array(gradient, "float32")], [layer.folding])
        np.testing.assert_allclose(layer.folding, expected)


@pytest.mark.parametrize("channels", ["all", "half"])
def test_fixed_sizes_compile_under_xla(channels):
    x = random(2, 30, 20, 3)
    layer = DiffStride(
        2.0,
        fixed_sizes=True,
        folding=0.5,
        learn_folding=True,
        folded_channels=channels,
    )
    compiled = tf.function(layer, jit_compile=True)
    np.testing.assert_allclose(compiled(x), layer(x), atol=1e-5)
    layer.folding.assign([0.9, 0.1])
    np.testing.assert_allclose(compiled(x), layer(x), atol=1e-5)


def test_calls_write_no_weight_and_a_frozen_layer_learns_none():
    layer = DiffStride(2.0, folding=0.5, learn_folding=True, trainable=False)
    layer.build((None, None, None, 2))
    for size in (1, 2, 8, 41):
        for training in (False, True):
            layer(random(1, size, size, 2), training=training)
    np.testing.assert_array_equal(layer.folding, np.float32([0.5, 0.5]))
    assert layer.trainable_weights == []
    assert len(layer.weights) == 2


def test_folding_is_float32_under_half_precision():
    for policy in ("mixed_float16", "bfloat16"):
        layer = DiffStride(
            2.0, folding=0.1234567, learn_folding=True, dtype=policy
        )
        layer(np.ones((1, 40, 1), "float32"))
        assert layer.folding.dtype == "float32"
        assert float(layer.folding[0]) == pytest.approx(0.1234567, abs=1e-7)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"folding": -0.1}, "`folding` must be .* from 0 to 1.*-0.1"),
        ({"folding": (0.5, 1.5)}, "`folding` must be.*1.5"),
        ({"folding": float("nan")}, "`folding` must be.*nan"),
        ({"folding": "learned"}, "`folding` must be.*learned"),
        ({"folding": ()}, "`folding` must be"),
        ({"folded_axes": "time"}, "`folded_axes` must be.*second.*time"),
        ({"folded_channels": "some"}, "`folded_channels`.*half.*some"),
    ],
    ids=str,
)
def test_a_bad_argument_is_named_with_its_rule_and_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        DiffStride(**arguments)


def test_a_folding_that_does_not_fit_the_input_is_refused():
    x = np.ones((1, 8, 8, 1))
    for fields in ({"folding": (0.5,) * 3}, {"folded_axes": "third"}):
        with pytest.raises(ValueError, match="must fit the input.*2 spatial"):
            DiffStride(2.0, **fields)(x)
    with pytest.raises(ValueError, match="must be equal where `shared_fold"):
        DiffStride(
            2.0, folding=(0.5, 1), learn_folding=True, shared_folding=True
        )(x)
