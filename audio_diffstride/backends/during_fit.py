"""What goes into `fit` and comes out of it, on each backend."""

from __future__ import annotations

import keras
import numpy as np

from audio_diffstride import backends


def prefetched(examples):
    """What `fit` is given so that it draws batches from a PyDataset.

    On TensorFlow Keras would make a pipeline of it that tunes itself, and at
    the end of `fit` wait for the tuner, who sleeps for up to a minute. There
    is nothing to tune: the next batch is made while this one is computed.

    Args:
        examples: a `keras.utils.PyDataset` of known length.
    """
    if backends.name() != "tensorflow":
        return examples
    import tensorflow as tf

    def spec(array):
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
    """Reads some of a model's variables after a step of `fit`.

    On JAX they are empty then: Keras keeps the state of training apart, and
    to put all of it back costs more than a step of a small network. Only what
    is asked for is read here, all of it in one transfer.

    Args:
        model: a Keras model, built.
        variables: of its weights.
    """

    def __init__(self, model, variables):
        self._model = model
        self._variables = list(variables)
        self._places = []
        for variable in variables:
            of_kind = "trainable_variables"
            if not any(v is variable for v in getattr(model, of_kind)):
                of_kind = "non_trainable_variables"
            identities = [id(v) for v in getattr(model, of_kind)]
            self._places.append((of_kind, identities.index(id(variable))))

    def read(self) -> list[np.ndarray]:
        """The values after the last step, in the order of the variables."""
        state = getattr(self._model, "_jax_state", None)
        if state is None or self._model._jax_state_synced:
            return [keras.ops.convert_to_numpy(v) for v in self._variables]
        import jax

        return jax.device_get([state[of][place] for of, place in self._places])
