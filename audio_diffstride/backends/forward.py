"""A trained model's forward pass, compiled as each backend does."""

from __future__ import annotations

import keras
import numpy as np

from audio_diffstride import backends


def forward(model, batch_size: int, num_samples: int):
    """The model's logits of batches of one shape.

    Compiled once, for that shape alone, so that the logits of a batch depend
    on nothing that went through the model before it. The weights are those
    that the model has now.

    Args:
        model: an `AudioClassifier`.
        batch_size: windows per batch.
        num_samples: of a window.

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


def _traced_by_tensorflow(model, shape):
    import tensorflow as tf

    return tf.function(
        lambda x: model(x, training=False),
        input_signature=[tf.TensorSpec(shape, tf.int16)],
    )


def _compiled_by_jax(model, shape):
    import jax

    # On this process's own first device, wherever the model trains.
    state = [
        [np.asarray(variable.value) for variable in variables]
        for variables in (
            model.trainable_variables,
            model.non_trainable_variables,
        )
    ]
    state = jax.device_put(state, jax.local_devices()[0])

    @jax.jit
    def call(state, x):
        return model.stateless_call(*state, x, training=False)[0]

    return lambda x: call(state, x)


def _without_gradients(model, shape):
    import torch

    def call(x):
        with torch.no_grad():
            return model(keras.ops.convert_to_tensor(x), training=False)

    return call
