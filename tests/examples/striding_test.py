"""A stack of strided convolutions is one of unstrided ones, to rounding."""

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from examples.striding import phases, striding
from tests.support import autodiff

QUICK = settings(
    deadline=None, derandomize=True, max_examples=25, database=None
)
LONG = settings(QUICK, max_examples=300)
CONV = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D, 3: keras.layers.Conv3D}
LAST = "channels_last"
numpy = ops.convert_to_numpy


def strided_convolution(x, kernel, strides, padding):
    """One output after the other, as a convolution is defined."""
    *kernel_size, _, filters = kernel.shape
    sizes = x.shape[1:-1]
    if padding == "same":
        outputs = [-(-n // s) for n, s in zip(sizes, strides)]
        pads = [
            max((m - 1) * s + k - n, 0)
            for n, s, k, m in zip(sizes, strides, kernel_size, outputs)
        ]
        widths = [(pad // 2, pad - pad // 2) for pad in pads]
        x = np.pad(x, [(0, 0), *widths, (0, 0)])
    else:
        outputs = [
            (n - k) // s + 1 for n, s, k in zip(sizes, strides, kernel_size)
        ]
    y = np.zeros((len(x), *outputs, filters))
    for position in itertools.product(*map(range, outputs)):
        window = tuple(
            slice(j * s, j * s + k)
            for j, s, k in zip(position, strides, kernel_size)
        )
        receptive_field = x[(slice(None), *window)]
        y[(slice(None), *position)] = np.tensordot(
            receptive_field, kernel, axes=kernel.ndim - 1
        )
    return y


@st.composite
def stacks(draw, max_rank):
    """An input's shape, and arguments of layers that have an output for it."""
    rank = draw(st.integers(1, max_rank))
    sizes = draw(st.tuples(*[st.integers(1, 13)] * rank))
    shape = (2, *sizes, draw(st.integers(1, 2)))
    layers = []
    for _ in range(draw(st.integers(1, 3))):
        padding = draw(st.sampled_from(("same", "valid")))
        longest = sizes if padding == "valid" else (5,) * rank
        kernel_size = tuple(draw(st.integers(1, min(n, 5))) for n in longest)
        strides = draw(st.tuples(*[st.integers(1, 4)] * rank))
        layers.append(
            {
                "filters": draw(st.integers(2, 3)),
                "kernel_size": kernel_size,
                "strides": strides,
                "padding": padding,
                "use_bias": draw(st.booleans()),
                # Neither is 0 at 0: what pads the next layer must follow it.
                "activation": draw(st.sampled_from(("softplus", "softmax"))),
            }
        )
        sizes = tuple(
            -(-n // s) if padding == "same" else (n - k) // s + 1
            for n, k, s in zip(sizes, kernel_size, strides)
        )
    return shape, layers, draw(st.integers(0, 99))


def built(shape, layers, rng):
    channels = shape[-1]
    for options in layers:
        layer = CONV[len(shape) - 2](**options, dtype="float64")
        layer.build((*shape[:-1], channels))
        layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
        channels = layer.filters
        yield layer


def check_stack(stack):
    shape, layers, seed = stack
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    layers = list(built(shape, layers, rng))
    expected = x
    for layer in layers:
        expected = strided_convolution(
            expected, numpy(layer.kernel), layer.strides, layer.padding
        )
        if layer.use_bias:
            expected = expected + numpy(layer.bias)
        exponential = np.exp(expected)
        if layer.activation is keras.activations.softplus:
            expected = np.log1p(exponential)
        else:
            expected = exponential / exponential.sum(axis=-1, keepdims=True)
    y = striding.convolve_without_strides(ops.convert_to_tensor(x), layers)
    np.testing.assert_allclose(numpy(y), expected, rtol=0, atol=1e-9)


test_a_stack_without_strides_is_the_strided_one = QUICK(
    given(stacks(max_rank=2))(check_stack)
)
test_stacks_in_long = pytest.mark.slow(LONG(given(stacks(3))(check_stack)))


def test_numbers_are_cast_as_the_layers_cast_them():
    x = np.random.default_rng(0).normal(size=(2, 9, 2))
    layers = [keras.layers.Conv1D(4, 3, 2, "same", dtype="mixed_bfloat16")]
    strided = layers[0](x)
    y = striding.convolve_without_strides(x, layers)
    assert y.dtype == strided.dtype
    both = [numpy(ops.cast(value, "float32")) for value in (y, strided)]
    np.testing.assert_allclose(*both, rtol=0, atol=0.02)


@QUICK
@given(
    st.integers(1, 13),
    st.integers(1, 6),
    st.integers(1, 7),
    st.sampled_from(("same", "valid")),
)
def test_one_layer_is_one_convolution_of_the_phases(size, taps, s, padding):
    taps = min(taps, size)
    rng = np.random.default_rng(size)
    x, kernel = rng.normal(size=(2, size, 2)), rng.normal(size=(taps, 2, 3))
    layer = keras.layers.Conv1D(3, taps, s, padding)
    source, target = phases.grids((size,), [layer])
    new_kernel = striding.unstrided_kernel(kernel, (s,))
    assert tuple(new_kernel.shape) == (-(-taps // s), s * 2, 3)
    rearranged = np.asarray(phases.rearrange(x, source))
    y = strided_convolution(rearranged, np.asarray(new_kernel), (1,), "valid")
    expected = strided_convolution(x, kernel, (s,), padding)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-9)
    assert phases.AxisGrid(y.shape[1], 0, 1, y.shape[1]) == target[0]


def test_a_rearranged_map_is_its_phases_side_by_side():
    x = np.random.default_rng(0).normal(size=(2, 8, 9, 3))
    grid = [phases.AxisGrid(8, 0, 2, 4), phases.AxisGrid(9, 0, 3, 3)]
    expected = [x[:, a::2, b::3] for a in range(2) for b in range(3)]
    found = phases.rearrange(x, grid)
    np.testing.assert_array_equal(found, np.concatenate(expected, axis=-1))


@pytest.mark.parametrize("stride", [1, 2, 4])
@pytest.mark.parametrize("taps", [1, 3, 6])
def test_each_weight_occurs_once_per_phase_of_the_output(stride, taps):
    shape = (taps, 2, 2, 3)
    pattern = striding.sharing_pattern(shape, (stride, 3), phases=(4, 2))
    weights, counts = np.unique(pattern, return_counts=True)
    np.testing.assert_array_equal(
        weights[weights != striding.ZERO], np.arange(np.prod(shape))
    )
    assert set(counts[weights != striding.ZERO]) == {4 * 2}


def test_the_gradient_of_a_weight_is_that_of_the_strided_convolution():
    rng = np.random.default_rng(0)
    x = ops.convert_to_tensor(rng.normal(size=(2, 11, 3)))
    kernel, later = rng.normal(size=(5, 3, 4)), rng.normal(size=(3, 4, 2))
    layers = [
        keras.layers.Conv1D(4, 5, strides=3),
        keras.layers.Conv1D(2, 3, strides=2),
    ]
    source, target, _ = phases.grids((11,), layers)

    def without_strides(kernel):
        new = striding.unstrided_kernel(kernel, (3,), [target[0].phases])
        y = ops.conv(phases.rearrange(x, source), new, data_format=LAST)
        new = striding.unstrided_kernel(ops.convert_to_tensor(later), (2,))
        return ops.sum(ops.conv(ops.sin(y), new, data_format=LAST))

    def strided(kernel):
        y = ops.conv(x, kernel, 3, data_format=LAST)
        return ops.sum(ops.conv(ops.sin(y), later, 2, data_format=LAST))

    ours = autodiff.gradients(without_strides, [kernel])
    theirs = autodiff.gradients(strided, [kernel])
    for one, other in zip(ours, theirs):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Conv2D(4, 3),
        keras.layers.Conv1D(4, 3, padding="causal"),
        keras.layers.Conv1D(4, 3, dilation_rate=2),
        keras.layers.Conv1D(4, 3, groups=2),
        keras.layers.Conv1D(4, 3, data_format="channels_first"),
        keras.layers.DepthwiseConv1D(3),
        keras.layers.Dense(3),
    ],
)
def test_a_layer_that_it_does_not_hold_for_is_refused(layer):
    with pytest.raises(ValueError, match="must be Conv1D.*Received: <"):
        phases.grids((9,), [layer])


def test_an_axis_without_an_output_or_a_size_is_refused():
    layers = [keras.layers.Conv1D(4, 3, strides=4), keras.layers.Conv1D(4, 4)]
    with pytest.raises(ValueError, match="Received: 3 samples, 4 taps"):
        phases.grids((12,), layers)
    with pytest.raises(ValueError, match=r"must be known.*\(None,\)"):
        phases.grids((None,), layers)
