"""Sharing of a batch among the devices of a backend."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from audio_diffstride import backends


def local_devices() -> list[str]:
    """The devices of this process that can share a batch: GPUs, else CPUs."""
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


def data_parallel(num_devices: int) -> Any:
    """A context in which variables are mirrored on the devices.

    The devices then share each batch.

    Args:
        num_devices: devices per process.
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
    # Each process draws its own rows of a batch.
    return keras.distribution.DataParallel(
        devices=devices, auto_shard_dataset=False
    ).scope()


@contextlib.contextmanager
def without_distribution() -> Iterator[None]:
    """A context in which variables belong to this process alone.

    Keras makes variables even to save a model. If they were distributed, all
    processes would have to make them at the same time.
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
    """The number of TensorFlow replicas, which compute a part of a batch each.

    JAX and PyTorch have one step over the whole batch, so 1.
    """
    if backends.name() != "tensorflow":
        return 1
    import tensorflow as tf

    return tf.distribute.get_strategy().num_replicas_in_sync


def sum_over_replicas(value: Any) -> Any:
    """Sums a tensor over the TensorFlow replicas, which have one each."""
    import tensorflow as tf

    replica = tf.distribute.get_replica_context()
    if replica is None:  # Keras infers shapes outside of any replica
        return value
    return replica.all_reduce(tf.distribute.ReduceOp.SUM, value)
