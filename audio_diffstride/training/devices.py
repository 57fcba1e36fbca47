"""Training on several devices, with the same numbers as on one.

Each device computes its part of the global batch. Gradients, losses, batch
normalisation and so the strides are those of the whole batch. One device
alone validates and saves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import ml_collections
import numpy as np
from keras import ops

from audio_diffstride import backends
from audio_diffstride.backends import sharing
from audio_diffstride.backends.forward import forward
from audio_diffstride.errors import UserError
from audio_diffstride.models.complexity import complexity
from audio_diffstride.training import machines


def count(config: ml_collections.ConfigDict) -> int:
    """The number of devices per process that a config asks for.

    Raises:
        UserError: if there are fewer, or they cannot share a batch.
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
            "the backend jax only; drop one of them, or set KERAS_BACKEND=jax"
        )
    total = wanted * machines.count()
    if config.training.batch_size % total:
        raise UserError(
            f"training.batch_size is {config.training.batch_size}, which "
            f"{total} devices cannot share equally; make it a multiple of "
            f"{total}"
        )
    return wanted


def workers(config: ml_collections.ConfigDict) -> dict[str, int]:
    """The devices and processes that share every batch, for run.json."""
    processes = machines.count()
    return {"devices": count(config) * processes, "processes": processes}


@contextlib.contextmanager
def shared_by(num_devices: int) -> Iterator[None]:
    """Within it, models are made and trained on that many devices."""
    if num_devices * machines.count() == 1:
        yield
        return
    with sharing.data_parallel(num_devices):
        yield


def join_replicas(model: Any) -> None:
    """Makes TensorFlow's replicas compute what one device would.

    Batch normalisation uses the moments of the whole batch. The cost of the
    strides is added to each replica's part of the loss, because `add_loss`
    values would leak between replicas. Nothing of this is saved with the
    model.

    Args:
        model: an `AudioClassifier`, made within `shared_by`.
    """
    replicas = sharing.num_replicas()
    if replicas == 1:
        return
    encoder = model.encoder
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            # Keras's own `synchronized=True` subtracts two large numbers to
            # get the variance, which is 4e-4 off after the first norm.
            layer._moments = _moments_of_the_batch
    weight, encoder.complexity_weight = encoder.complexity_weight, 0.0
    loss_of_tasks = model.compute_loss

    def compute_loss(
        x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool = True
    ) -> Any:
        loss = loss_of_tasks(x, y, y_pred, sample_weight, training)
        cost = complexity([place.strides for place in encoder.downsamplers])
        return loss + weight * cost / replicas

    if weight:
        model.compute_loss = compute_loss


def _moments_of_the_batch(x: Any, mask: Any) -> tuple[Any, Any]:
    """Mean and variance of each channel over the rows of all replicas.

    Every replica has the same number of rows.
    """
    x = ops.cast(x, "float32")
    share = 1 / sharing.num_replicas()

    def over_all(values: Any) -> Any:
        local_mean = ops.mean(values, axis=tuple(range(len(x.shape) - 1)))
        return sharing.sum_over_replicas(share * local_mean)

    mean = over_all(x)
    return mean, over_all(ops.square(x - mean))


class OnOneDevice:
    """A copy of a model on several devices that predicts on one device.

    Keras would give every device the whole batch, or need a batch that the
    devices can share.

    Args:
        model: an `AudioClassifier`; its present weights are used.
        batch_size: windows per batch, at most.
        num_samples: length of a window.
    """

    def __init__(self, model: Any, batch_size: int, num_samples: int):
        self.class_names = model.class_names
        self.kinds = model.kinds
        self._batch_size = batch_size
        self._forward = forward(model, batch_size, num_samples)

    def predict_on_batch(self, waveforms: np.ndarray) -> dict[str, np.ndarray]:
        """The logits of each task for a batch of waveforms.

        Args:
            waveforms: (batch, samples), with up to `batch_size` rows.
        """
        missing = self._batch_size - len(waveforms)
        logits = self._forward(np.pad(waveforms, [(0, missing), (0, 0)]))
        return {task: rows[: len(waveforms)] for task, rows in logits.items()}
