"""The loss of a task: the mean over all labels of a batch."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from audio_diffstride.backends import sharing
from audio_diffstride.layers.types import Tensor


@keras.saving.register_keras_serializable(package="audio_diffstride")
class GlobalMean(keras.losses.SparseCategoricalCrossentropy):
    """Mean cross-entropy over the labelled examples of all devices.

    With several devices, each TensorFlow replica sees its own part of a
    batch. One part can have many labels of a task, and another part none. So
    the mean of the means of the parts is not the mean. Here each part counts
    by its number of labels. On one device, and on other backends, the loss is
    that of Keras.

    Args:
        from_logits: whether predictions are logits.
        reduction: must be "mean_with_sample_weight".
        **kwargs: for `keras.losses.SparseCategoricalCrossentropy`.

    Example:
    >>> logits = ops.array([[0.0, 0.0], [5.0, 0.0]])
    >>> has_label = ops.array([1.0, 0.0])
    >>> round(float(GlobalMean()(ops.array([0, 1]), logits, has_label)), 3)
    0.693
    """

    def __init__(
        self,
        from_logits: bool = True,
        reduction: str = "mean_with_sample_weight",
        **kwargs: Any,
    ):
        super().__init__(from_logits=from_logits, reduction=reduction, **kwargs)

    def __call__(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None
    ) -> Tensor:
        mean = super().__call__(y_true, y_pred, sample_weight)
        replicas = sharing.num_replicas()
        if replicas == 1:
            return mean
        labels = ops.cast(ops.sum(sample_weight), mean.dtype)
        everywhere = sharing.sum_over_replicas(labels)
        # Keras divides by the number of replicas and adds their gradients.
        return mean * ops.divide_no_nan(labels * replicas, everywhere)
