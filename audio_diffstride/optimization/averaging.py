"""A model with the running average of its weights, for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from audio_diffstride.optimization.size_refresh import layers_of_fixed_sizes


@contextlib.contextmanager
def averaged_weights(model: Any) -> Iterator[None]:
    """Within it, a model has the averaged weights of its optimizer.

    The optimizer averages all trainable weights after each step, if it was
    made with `use_ema=True`. Strides and folding are among them, so the fixed
    sizes of `DiffStride` follow the averaged strides. Running statistics of
    batch norms are not averaged again.

    Afterwards weights and sizes are what they were, to the bit. Without an
    average, or before the first step, nothing changes.

    Args:
        model: a compiled Keras model. Meanwhile its optimizer holds the
            weights of the training in place of the average.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(use_ema=True), loss="mse")
    >>> with averaged_weights(model):  # no step yet
    ...     model.count_params()
    2
    """
    optimizer: Any = getattr(model, "optimizer", None)
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    if not getattr(optimizer, "use_ema", False) or not np.array(
        optimizer.iterations
    ):
        yield
        return
    layers = layers_of_fixed_sizes(model)
    in_use = [dict(layer.sizes_in_use) for layer in layers]
    _exchange(optimizer)
    _refresh(model, layers, [{} for _ in layers])
    try:
        yield
    finally:
        _exchange(optimizer)
        _refresh(model, layers, in_use)


def _exchange(optimizer: Any) -> None:
    """Exchanges the weights and their averages."""
    for variable, average in zip(
        optimizer._trainable_variables,
        optimizer._model_variables_moving_average,
    ):
        of_training, averaged = _value(variable), _value(average)
        variable.assign(averaged)
        average.assign(of_training)


def _value(variable: Any) -> Any:
    """The value of a variable, which a later assignment does not change.

    On JAX it is the array itself. A copy would be a computation on all
    processes, and only one of them validates.
    """
    if keras.backend.backend() == "jax":
        return variable.value
    return np.array(variable)


def _refresh(
    model: Any, layers: list[Any], in_use: list[dict[tuple[int, int], int]]
) -> None:
    """Updates fixed sizes to the present strides.

    Args:
        model: the model of the layers.
        layers: its layers of fixed sizes.
        in_use: the sizes in the compiled training step, for each layer.
    """
    for layer, sizes in zip(layers, in_use):
        layer.refresh_sizes()
        layer.sizes_in_use = sizes
    if layers:  # these were compiled for other sizes
        model.test_function = model.predict_function = None
