"""A batch shared by several devices, and the same numbers whatever their count.

Each device computes its part of the global batch; gradients, losses, the
statistics of batch normalisation and so the strides are those of the whole.
What is validated and saved is computed by one device, as ever.
"""

from __future__ import annotations

import contextlib

import keras
import numpy as np
from keras import ops

from audio_diffstride import backends
from audio_diffstride.backends import sharing
from audio_diffstride.backends.forward import forward
from audio_diffstride.errors import UserError
from audio_diffstride.models.complexity import complexity
from audio_diffstride.training import machines


def count(config) -> int:
    """How many devices of this process a config asks for.

    Raises:
        UserError: if there are not as many, or they cannot share a batch.
    """
    there = len(sharing.local_devices())
    wanted = there if config.devices == "all" else int(config.devices)
    asked = f"devices is {config.devices}"
    if wanted > 1 and backends.name() == "torch":
        raise UserError(
            f"{asked}, but several devices train on the backends tensorflow "
            "and jax only; give --config.devices=1, or set KERAS_BACKEND=jax"
        )
    if wanted > there:
        raise UserError(
            f"{asked}, but there are {there} in reach of this process; give "
            f"--config.devices={there}, or all"
        )
    jit_compile = config.training.jit_compile
    if wanted > 1 and jit_compile and backends.name() == "tensorflow":
        raise UserError(
            f"{asked} and training.jit_compile is True, which go together on "
            "the backend jax only; leave one of them, or set KERAS_BACKEND=jax"
        )
    total = wanted * machines.count()
    if config.training.batch_size % total:
        raise UserError(
            f"training.batch_size is {config.training.batch_size}, which "
            f"{total} devices cannot share equally; make it a multiple of "
            f"{total}"
        )
    return wanted


def workers(config) -> dict[str, int]:
    """What shares the batches of a run, as run.json keeps it."""
    processes = machines.count()
    return {"devices": count(config) * processes, "processes": processes}


@contextlib.contextmanager
def shared_by(num_devices: int):
    """What is made and trained within is alike on that many devices."""
    if num_devices * machines.count() == 1:
        yield
        return
    with sharing.data_parallel(num_devices):
        yield


def join_replicas(model):
    """Makes the replicas of a step compute what one device would.

    Batch normalisation is by the whole batch; not by Keras's `synchronized`,
    whose variance is a difference of two large numbers, 4e-4 off after the
    first norm. The cost of the strides is added where each replica counts its
    part: what `add_loss` keeps, replicas would find of each other. Nothing of
    it is saved with the model.

    Args:
        model: an `AudioClassifier`, made within `shared_by`.
    """
    replicas = sharing.num_replicas()
    if replicas == 1:
        return
    encoder = model.encoder
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer._moments = _moments_of_the_batch
    weight, encoder.complexity_weight = encoder.complexity_weight, 0.0
    loss_of_tasks = model.compute_loss

    def compute_loss(x, y, y_pred, sample_weight, training=True):
        loss = loss_of_tasks(x, y, y_pred, sample_weight, training)
        cost = complexity([place.strides for place in encoder.downsamplers])
        return loss + weight * cost / replicas

    if weight:
        model.compute_loss = compute_loss


def _moments_of_the_batch(x, mask):
    """Mean and variance of each channel; every replica has as many rows."""
    x = ops.cast(x, "float32")
    share = 1 / sharing.num_replicas()

    def over_all(values):
        local_mean = ops.mean(values, axis=tuple(range(len(x.shape) - 1)))
        return sharing.sum_over_replicas(share * local_mean)

    mean = over_all(x)
    return mean, over_all(ops.square(x - mean))


class OnOneDevice:
    """A model that scores batches of up to a size on one device.

    Keras would give every device the whole batch, or expect one that they can
    share.

    Args:
        model: an `AudioClassifier`, with the weights it has now.
        batch_size: windows per batch.
        num_samples: of a window.
    """

    def __init__(self, model, batch_size: int, num_samples: int):
        self.class_names = model.class_names
        self._batch_size = batch_size
        self._forward = forward(model, batch_size, num_samples)

    def predict_on_batch(self, waveforms) -> dict[str, np.ndarray]:
        """The logits of a batch, which may be a shorter one."""
        missing = self._batch_size - len(waveforms)
        logits = self._forward(np.pad(waveforms, [(0, missing), (0, 0)]))
        return {task: rows[: len(waveforms)] for task, rows in logits.items()}
