"""What differs between Keras's backends, and Keras does not hide.

The backend is chosen by the environment, KERAS_BACKEND=tensorflow, jax or
torch; nothing here, and nothing in the package, imports another one.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os

import keras
import numpy as np

from audio_diffstride.errors import UserError

# What decides, with Keras, the numbers that a backend computes.
_PACKAGES = {
    "tensorflow": ("tensorflow",),
    "jax": ("jax", "jaxlib"),
    "torch": ("torch",),
}


def name() -> str:
    """The backend in use.

    Raises:
        UserError: if it is one that nothing can be trained with.
    """
    backend = keras.backend.backend()
    if backend not in _PACKAGES:
        raise UserError(
            f"KERAS_BACKEND is {backend}, but must be "
            f"{', '.join(_PACKAGES)} here"
        )
    return backend


def packages() -> tuple[str, ...]:
    """The distributions whose versions decide what is computed."""
    return _PACKAGES[name()]


def devices() -> list[str]:
    """The devices in reach of this process, by name."""
    if name() == "tensorflow":
        import tensorflow as tf

        return [
            tf.config.experimental.get_device_details(device).get(
                "device_name", device.name
            )
            for device in tf.config.list_physical_devices()
        ]
    if name() == "torch":
        import torch

        gpus = range(torch.cuda.device_count())
        return ["cpu", *map(torch.cuda.get_device_name, gpus)]
    import jax

    return [device.device_kind for device in jax.devices()]


def local_devices() -> list[str]:
    """The devices of this process that could share a batch: GPUs, or CPUs."""
    if name() == "tensorflow":
        import tensorflow as tf

        of_kind = map(tf.config.list_logical_devices, ("GPU", "CPU"))
        return [device.name for device in next(filter(None, of_kind))]
    if name() == "torch":
        import torch

        return [f"cuda:{i}" for i in range(torch.cuda.device_count())] or [
            "cpu"
        ]
    import jax

    return [f"{d.platform}:{d.id}" for d in jax.local_devices()]


def data_parallel(num_devices: int):
    """A context: what is made in it is alike on devices that share batches.

    Args:
        num_devices: of every process.
    """
    if name() == "tensorflow":
        import tensorflow as tf

        strategy = tf.distribute.MirroredStrategy(local_devices()[:num_devices])
        return strategy.scope()
    import jax

    devices = []
    for process in range(jax.process_count()):
        of_process = [d for d in jax.devices() if d.process_index == process]
        devices += [f"{d.platform}:{d.id}" for d in of_process[:num_devices]]
    # Every process draws its own rows of a batch.
    return keras.distribution.DataParallel(
        devices=devices, auto_shard_dataset=False
    ).scope()


@contextlib.contextmanager
def alone():
    """What is made within is this process's own, and waits for no other.

    Keras makes variables even to save a model; shared ones would have to be
    made by all processes at the same time.
    """
    if name() != "jax":
        yield
        return
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)


def num_replicas() -> int:
    """How many copies of a step compute a part of a batch each: TensorFlow's.

    JAX and PyTorch see one step over the whole batch.
    """
    if name() != "tensorflow":
        return 1
    import tensorflow as tf

    return tf.distribute.get_strategy().num_replicas_in_sync


def sum_over_replicas(value):
    """The sum of a tensor that each of TensorFlow's replicas has its own of."""
    import tensorflow as tf

    replica = tf.distribute.get_replica_context()
    if replica is None:  # Keras looks at shapes, outside of any replica
        return value
    return replica.all_reduce(tf.distribute.ReduceOp.SUM, value)


def make_deterministic():
    """The same operations give the same bits, from now on.

    To be called before anything is computed: JAX reads its flags once.
    """
    if name() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif name() == "torch":
        import torch

        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # An operation of a GPU that cannot is warned of, not refused.
        torch.use_deterministic_algorithms(True, warn_only=True)
    elif "xla_gpu_deterministic_ops" not in os.environ.get("XLA_FLAGS", ""):
        flags = [os.environ.get("XLA_FLAGS"), "--xla_gpu_deterministic_ops=1"]
        os.environ["XLA_FLAGS"] = " ".join(filter(None, flags))


def steps_are_compiled(jit_compile: bool) -> bool:
    """Whether XLA compiles the training step: always on JAX.

    Args:
        jit_compile: whether the user asks for it.

    Raises:
        UserError: for torch, where nothing is compiled.
    """
    if jit_compile and name() == "torch":
        raise UserError(
            "training.jit_compile is for the backends tensorflow and jax; "
            "leave it False with KERAS_BACKEND=torch"
        )
    return jit_compile or name() == "jax"


def fed(examples):
    """What `fit` is given so that it draws batches from a PyDataset.

    On TensorFlow Keras would make a pipeline of it that tunes itself, and at
    the end of `fit` wait for the tuner, who sleeps for up to a minute. There
    is nothing to tune: the next batch is made while this one is computed.

    Args:
        examples: a `keras.utils.PyDataset` of known length.
    """
    if name() != "tensorflow":
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
    }[name()](model, (batch_size, num_samples))

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


def is_installed(backend: str) -> bool:
    """Whether a backend could be used here."""
    return importlib.util.find_spec(backend) is not None
