"""How the devices of a backend share a batch."""

from __future__ import annotations

import contextlib

import keras

from audio_diffstride import backends


def local_devices() -> list[str]:
    """The devices of this process that could share a batch: GPUs, or CPUs."""
    if backends.name() == "tensorflow":
        import tensorflow as tf

        of_kind = map(tf.config.list_logical_devices, ("GPU", "CPU"))
        return [device.name for device in next(filter(None, of_kind))]
    if backends.name() == "torch":
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
    if backends.name() == "tensorflow":
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
    if backends.name() != "jax":
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
    if backends.name() != "tensorflow":
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
