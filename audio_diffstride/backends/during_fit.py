"""Batches for `fit`, and values of variables during it, on each backend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from audio_diffstride import backends


def prefetched(examples: Any) -> Any:
    """Prepares a PyDataset for `fit`, with one batch prefetched.

    On TensorFlow, Keras would make a pipeline with autotuning. At the end of
    `fit` it would wait for the tuner, which sleeps for up to a minute. Here
    there is nothing to tune. The next batch is made during the current step.

    Args:
        examples: a `keras.utils.PyDataset` of known length.

    Returns:
        A `tf.data.Dataset` on TensorFlow, `examples` on other backends.
    """
    if backends.name() != "tensorflow":
        return examples
    import tensorflow as tf

    def spec(array: np.ndarray) -> Any:
        return tf.TensorSpec((None, *array.shape[1:]), array.dtype)

    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        tf.data.Dataset.from_generator(
            lambda: (examples[index] for index in range(len(examples))),
            output_signature=keras.tree.map_structure(spec, examples[0]),
        )
        .prefetch(1)
        .with_options(options)
    )


class ValuesDuringFit:
    """Reads some variables of a model after a step of `fit`.

    On JAX the variables are empty during `fit`, because Keras keeps the
    training state separately. To copy the whole state back costs more than a
    step of a small network. This class reads only the chosen variables, in
    one transfer.

    Args:
        model: a built Keras model.
        variables: some of its weights.
    """

    def __init__(self, model: Any, variables: Iterable[Any]):
        self._model = model
        self._variables = list(variables)
        self._positions: list[tuple[str, int]] = []
        for variable in self._variables:
            kind = "trainable_variables"
            if not any(v is variable for v in getattr(model, kind)):
                kind = "non_trainable_variables"
            identities = [id(v) for v in getattr(model, kind)]
            self._positions.append((kind, identities.index(id(variable))))

    def read(self) -> list[np.ndarray]:
        """The values after the last step, in the order of the variables."""
        state = getattr(self._model, "_jax_state", None)
        if state is None or self._model._jax_state_synced:
            return [keras.ops.convert_to_numpy(v) for v in self._variables]
        import jax

        return jax.device_get([state[kind][i] for kind, i in self._positions])
