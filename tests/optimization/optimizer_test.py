"""The optimisers' own step size for strides."""

import keras
import numpy as np
import pytest
from keras import ops

from audio_diffstride import DiffStride
from audio_diffstride.optimization.optimizers import (
    StrideAdam,
    StrideAdamW,
    StrideSGD,
)

ALL = [StrideAdam, StrideAdamW, StrideSGD]


def test_strides_take_larger_steps_and_weights_do_not():
    inputs = keras.Input((20, 2))
    outputs = DiffStride(2.0, name="down")(keras.layers.Dense(3)(inputs))
    model = keras.Model(inputs, keras.ops.mean(outputs**2, axis=1))
    model.compile(StrideAdam(1e-3, stride_step_ratio=30.0), loss="mse")
    kernel = model.layers[1].kernel.numpy()
    x = np.random.default_rng(0).normal(size=(4, 20, 2))
    model.train_on_batch(x**3, np.ones((4, 3)))
    # Adam's first step is the learning rate, whatever the gradient.
    stride = float(model.get_layer("down").strides[0])
    assert abs(stride - 2) == pytest.approx(0.03, rel=0.05)
    moved = np.abs(model.layers[1].kernel.numpy() - kernel)
    assert moved.max() == pytest.approx(0.001, rel=0.05)


@pytest.mark.parametrize(
    "ours, theirs",
    [
        (StrideAdam(0.01), keras.optimizers.Adam(0.01)),
        (StrideSGD(0.01), keras.optimizers.SGD(0.01)),
        (
            StrideSGD(0.01, momentum=0.9),
            keras.optimizers.SGD(0.01, momentum=0.9),
        ),
        (
            StrideSGD(0.01, momentum=0.9, stride_step_ratio=5.0),
            keras.optimizers.SGD(0.05, momentum=0.9),
        ),
    ],
)
def test_a_stride_moves_as_at_a_rate_of_its_own(ours, theirs):
    variables = []
    for optimizer in (ours, theirs):
        layer = DiffStride(2.0)
        layer.build((None, 20, 1))
        optimizer.build([layer.strides])
        for gradient in (1.0, -3.0, 0.5):
            optimizer.apply([np.array([gradient], "float32")], [layer.strides])
        variables.append(float(layer.strides[0]))
    assert variables[0] == pytest.approx(variables[1], rel=1e-7)
    assert variables[0] != 2.0


@pytest.mark.parametrize("kind", ALL)
def test_folding_moves_at_a_rate_of_its_own(kind):
    layer = DiffStride(2.0, folding=0.5, learn_folding=True)
    layer.build((None, 20, 1))
    optimizer = kind(1e-3, stride_step_ratio=30.0, folding_step_ratio=10.0)
    optimizer.build([layer.strides, layer.folding])
    one = np.ones(1, "float32")
    optimizer.apply([one, one], [layer.strides, layer.folding])
    np.testing.assert_allclose(layer.strides, [2 - 0.03], rtol=1e-6)
    np.testing.assert_allclose(layer.folding, [0.5 - 0.01], rtol=1e-6)


def test_sgd_moves_weights_at_the_rate_of_weights():
    weight = keras.Variable([2.0], name="kernel")
    optimizer = StrideSGD(0.01, stride_step_ratio=30.0)
    optimizer.build([weight])
    optimizer.apply([np.array([3.0], "float32")], [weight])
    np.testing.assert_allclose(weight, [2.0 - 0.03], rtol=1e-6)


@pytest.mark.parametrize("kind", ALL)
def test_config_round_trip(kind):
    optimizer = kind(1e-3, stride_step_ratio=7.0, folding_step_ratio=3.0)
    again = kind.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()


def adamw(value, gradients, rate, decay):
    """AdamW of Loshchilov and Hutter, Algorithm 2, in NumPy."""
    value = np.array(value)
    first, second = np.zeros_like(value), np.zeros_like(value)
    for step, gradient in enumerate(gradients, 1):
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        mean = first / (1 - 0.9**step)
        square = second / (1 - 0.999**step)
        decayed = value - rate * decay * value
        value = decayed - rate * mean / (np.sqrt(square) + 1e-7)
    return value


def test_adamw_decays_kernels_beside_the_gradient_and_nothing_else():
    layer = DiffStride(2.0, folding=0.5, learn_folding=True)
    layer.build((None, 20, 1))
    norm = keras.layers.BatchNormalization()
    norm.build((None, 3))
    dense = keras.layers.Dense(3)
    dense.build((None, 2))
    dense.bias.assign(np.ones(3))
    variables = [
        *(dense.kernel, dense.bias, norm.gamma, norm.beta),
        *(layer.strides, layer.folding),
    ]
    before = [np.array(variable, float) for variable in variables]
    rng = np.random.default_rng(0)
    gradients = [[rng.normal(size=v.shape) for v in before] for _ in range(5)]
    optimizer = StrideAdamW(
        0.01, weight_decay=0.3, stride_step_ratio=1.0, folding_step_ratio=1.0
    )
    optimizer.build(variables)
    for of_step in gradients:
        optimizer.apply(
            [ops.convert_to_tensor(g, "float32") for g in of_step], variables
        )
    for index, variable in enumerate(variables):
        of_variable = [of_step[index] for of_step in gradients]
        decay = 0.3 if variable is dense.kernel else 0.0
        expected = adamw(before[index], of_variable, 0.01, decay)
        np.testing.assert_allclose(
            ops.convert_to_numpy(variable), expected, rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize("length", [0.5, 5.0, 50.0])
def test_clipping_scales_a_long_gradient_and_no_short_one(length):
    layer = DiffStride(2.0)
    layer.build((None, 20, 1))
    weight = keras.Variable([1.0, 1.0, 1.0], name="kernel")
    optimizer = StrideSGD(0.01, stride_step_ratio=10.0, global_clipnorm=5.0)
    variables = [weight, layer.strides]
    optimizer.build(variables)
    # Together of norm 1.
    gradients = [np.array([0.4, 0.4, -0.2]), np.array([0.8])]
    optimizer.apply(
        [ops.convert_to_tensor(length * g, "float32") for g in gradients]
    )
    clipped = min(length, 5.0)
    np.testing.assert_allclose(
        weight, 1 - 0.01 * clipped * gradients[0], rtol=1e-6
    )
    np.testing.assert_allclose(
        layer.strides, 2 - 0.1 * clipped * gradients[1], rtol=1e-6
    )
