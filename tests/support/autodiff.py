"""Gradients by whichever backend is set, as NumPy arrays."""

import keras
import numpy as np
from keras import ops


def gradients(function, arrays):
    """The value of a scalar function, and its gradient in every argument."""
    tensors = [ops.convert_to_tensor(array) for array in arrays]
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = function(*tensors)
        found = tape.gradient(value, tensors)
    elif backend == "jax":
        import jax

        argnums = tuple(range(len(tensors)))
        value, found = jax.value_and_grad(function, argnums)(*tensors)
    else:
        tensors = [tensor.requires_grad_() for tensor in tensors]
        value = function(*tensors)
        value.backward()
        found = [tensor.grad for tensor in tensors]
    return [np.asarray(ops.convert_to_numpy(t)) for t in (value, *found)]
