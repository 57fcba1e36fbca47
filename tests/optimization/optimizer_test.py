"""The optimisers' own step size for strides."""

import keras
import numpy as np
import pytest

from audio_diffstride import DiffStride
from audio_diffstride.optimization.optimizers import StrideAdam, StrideSGD


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


@pytest.mark.parametrize("kind", [StrideAdam, StrideSGD])
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


@pytest.mark.parametrize("kind", [StrideAdam, StrideSGD])
def test_config_round_trip(kind):
    optimizer = kind(1e-3, stride_step_ratio=7.0, folding_step_ratio=3.0)
    again = kind.from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
