"""The forward pass of a trained model, compiled by the backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from audio_diffstride import backends


def forward(
    model: Any, batch_size: int, num_samples: int
) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Compiles the forward pass of a model for batches of one shape.

    It is compiled once and for this shape only. So the logits of a batch do
    not depend on earlier batches. The function keeps the current weights.

    Args:
        model: an `AudioClassifier`.
        batch_size: windows per batch.
        num_samples: samples per window.

    Returns:
        A function from an int16 array of shape (batch_size, num_samples) to
        {task: array of shape (batch_size, classes)}.
    """
    call = {
        "tensorflow": _traced_by_tensorflow,
        "jax": _compiled_by_jax,
        "torch": _without_gradients,
    }[backends.name()](model, (batch_size, num_samples))

    def logits(waveforms: np.ndarray) -> dict[str, np.ndarray]:
        return {
            task: keras.ops.convert_to_numpy(values)
            for task, values in call(waveforms).items()
        }

    return logits


def _traced_by_tensorflow(model: Any, shape: tuple[int, int]) -> Any:
    import tensorflow as tf

    return tf.function(
        lambda x: model(x, training=False),
        input_signature=[tf.TensorSpec(shape, tf.int16)],
    )


def _compiled_by_jax(model: Any, shape: tuple[int, int]) -> Any:
    import jax

    # On the first device of this process, wherever the model trains.
    state = [
        [np.asarray(variable.value) for variable in variables]
        for variables in (
            model.trainable_variables,
            model.non_trainable_variables,
        )
    ]
    state = jax.device_put(state, jax.local_devices()[0])

    @jax.jit
    def call(state: Any, x: np.ndarray) -> Any:
        return model.stateless_call(*state, x, training=False)[0]

    return lambda x: call(state, x)


def _without_gradients(model: Any, shape: tuple[int, int]) -> Any:
    import torch

    def call(x: np.ndarray) -> Any:
        with torch.no_grad():
            return model(keras.ops.convert_to_tensor(x), training=False)

    return call
