"""The running average of the weights, and a model that has it for a while."""

import keras
import numpy as np
import pytest
from tensorflow.python.framework import config as tensorflow_config

from audio_diffstride import DiffStride
from audio_diffstride.optimization.averaging import averaged_weights
from audio_diffstride.optimization.optimizers import (
    StrideAdam,
    StrideAdamW,
    StrideSGD,
)
from audio_diffstride.optimization.size_refresh import RefreshSizes

ALL = [StrideAdam, StrideAdamW, StrideSGD]
MOMENTUM = 0.7
RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 30, 2)).astype("float32")
Y = RNG.normal(size=(24, 3)).astype("float32")


def compiled(kind=StrideAdam, stride=1.5, fixed_sizes=False, **kwargs):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((30, 2))
    x = keras.layers.BatchNormalization()(keras.layers.Dense(4)(inputs))
    x = DiffStride(
        (stride,),
        folding=0.5,
        learn_folding=True,
        fixed_sizes=fixed_sizes,
        name="down",
    )(x)
    outputs = keras.layers.Dense(3)(keras.ops.mean(x**2, axis=1))
    model = keras.Model(inputs, outputs)
    arguments = {"use_ema": True, "ema_momentum": MOMENTUM} | kwargs
    model.compile(
        kind(0.02, stride_step_ratio=10.0, **arguments),
        loss="mse",
        jit_compile=fixed_sizes,
    )
    return model


def arrays(variables):
    return [np.array(keras.ops.convert_to_numpy(v)) for v in variables]


class Record(keras.callbacks.Callback):
    """Keeps the weights after every step."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.model.jax_state_sync() if hasattr(
            self.model, "jax_state_sync"
        ) else None
        self.steps.append(arrays(self.model.trainable_variables))


def recursion(steps):
    """The average as its definition says, in float64."""
    averages = [value.astype(float) for value in steps[0]]
    for step in steps[1:]:
        averages = [
            MOMENTUM * average + (1 - MOMENTUM) * value
            for average, value in zip(averages, step)
        ]
    return averages


class Compare(keras.callbacks.Callback):
    """Compares the averaged model with the recursion after every epoch."""

    def __init__(self, record):
        super().__init__()
        self._record = record
        self.strides = []

    def on_epoch_end(self, epoch, logs=None):
        every = [*self.model.variables, *self.model.optimizer.variables]
        before = arrays(every)
        with averaged_weights(self.model):
            found = arrays(self.model.trainable_variables)
            others = arrays(self.model.non_trainable_variables)
            layer = self.model.get_layer("down")
            self.strides.append(arrays([layer.strides])[0][0])
        for one, other in zip(found, recursion(self._record.steps)):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
        # Statistics of norms, and seeds.
        for one, other in zip(
            others, arrays(self.model.non_trainable_variables)
        ):
            np.testing.assert_array_equal(one, other)
        for one, other in zip(before, arrays(every), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "kind, stride", [(StrideAdam, 1.0), (StrideAdamW, 1.5), (StrideSGD, 1.0)]
)
def test_the_average_is_its_recursion_over_the_steps(kind, stride):
    model, record = compiled(kind, stride), Record()
    model.run_eagerly = kind is not StrideAdam  # a graph takes longer
    compare = Compare(record)
    model.fit(
        *(X, Y),
        batch_size=6,
        epochs=4,
        verbose=0,
        callbacks=[record, compare],
    )
    assert len(record.steps) == 16
    index = [v.name for v in model.trainable_variables].index("strides")
    of_steps = np.array([step[index][0] for step in record.steps])
    assert len(set(of_steps)) > 1 and of_steps.min() >= 1.0
    assert min(compare.strides) >= 1.0
    assert compare.strides[-1] != of_steps[-1]


@pytest.mark.parametrize("kind", ALL)
def test_an_average_never_leaves_the_bounds(kind):
    layer = DiffStride(1.3, folding=0.5, learn_folding=True)
    layer.build((None, 20, 1))
    variables = [layer.strides, layer.folding]
    optimizer = kind(
        0.03, stride_step_ratio=1.0, use_ema=True, ema_momentum=0.9
    )
    optimizer.build(variables)
    push = keras.ops.convert_to_tensor([1.0], "float32")
    for _ in range(90):  # to their lower bounds, 1 and 0
        optimizer.apply([push, push])
    strides, folding = arrays(optimizer._model_variables_moving_average)
    assert float(layer.strides[0]) == 1.0 <= strides[0] < 1.01
    assert float(layer.folding[0]) == 0.0 <= folding[0] < 0.01


def test_averaging_changes_no_step_of_the_training():
    record = [Record(), Record()]
    models = [compiled(), compiled(use_ema=False)]
    for model, callback in zip(models, record):
        model.run_eagerly = True  # which is quicker for so few steps
        model.fit(
            *(X, Y),
            batch_size=6,
            epochs=2,
            verbose=0,
            shuffle=False,
            callbacks=[callback],
        )
    for one, other in zip(record[0].steps, record[1].steps):
        for value, expected in zip(one, other):
            np.testing.assert_array_equal(value, expected)


def test_without_an_average_nothing_happens():
    model = compiled(use_ema=False)
    with averaged_weights(model):
        inside = arrays(model.weights)
    for one, other in zip(inside, arrays(model.weights)):
        np.testing.assert_array_equal(one, other)
    unborn = compiled()
    unborn.optimizer.build(unborn.trainable_variables)
    with averaged_weights(unborn):  # it has zeros for an average
        assert float(unborn.get_layer("down").strides[0]) == 1.5
    with averaged_weights(object()):
        pass


class Predict(keras.callbacks.Callback):
    """Predicts with the averaged model after every epoch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def on_epoch_end(self, epoch, logs=None):
        with averaged_weights(self.model):
            predicted = self.model.predict_on_batch(X[:5])
            weights = arrays(self.model.weights)
        self.found.append((weights, predicted))


@pytest.mark.slow
def test_fixed_sizes_are_those_of_the_averaged_strides_and_go_back(
    monkeypatch,
):
    # Keras compiles nothing once another test has made TensorFlow so.
    monkeypatch.setattr(
        tensorflow_config, "is_op_determinism_enabled", lambda: False
    )
    weights, compilations = [], []
    for predicts in (False, True):
        model = compiled(stride=4.0, fixed_sizes=True, ema_momentum=0.9)
        callback, refresh = Predict(), RefreshSizes()
        record = Record()
        model.fit(
            *(X, Y),
            batch_size=6,
            epochs=4,
            verbose=0,
            shuffle=False,
            callbacks=[record, refresh, *([callback] if predicts else [])],
        )
        weights.append(record.steps[-1])
        compilations.append(refresh.num_compilations)
    # Looking at the average changes no step, and compiles none.
    assert compilations[0] == compilations[1] > 1
    for one, other in zip(*weights):
        np.testing.assert_array_equal(one, other)
    sizes = set()
    for averaged, predicted in callback.found:
        fresh = compiled(stride=4.0, fixed_sizes=True)
        fresh.set_weights(averaged)
        layer = fresh.get_layer("down")
        layer.refresh_sizes()
        np.testing.assert_allclose(
            fresh.predict_on_batch(X[:5]), predicted, rtol=1e-4, atol=1e-5
        )
        sizes |= set(layer.sizes_in_use.values())
    assert len(sizes) > 1
