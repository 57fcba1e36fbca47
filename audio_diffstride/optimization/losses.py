"""The loss of a task, as a mean over the labels of a whole batch."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.backends import sharing


@keras.saving.register_keras_serializable(package="audio_diffstride")
class GlobalMean(keras.losses.SparseCategoricalCrossentropy):
    """Cross-entropy over the examples with a label, wherever they are.

    TensorFlow's replicas each see their share of a batch, of which one may
    hold many labels of a task and another none. The mean of their means is
    not the mean: here each counts by its labels. On one device, and on other
    backends, it is what Keras computes.

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
        self, from_logits=True, reduction="mean_with_sample_weight", **kwargs
    ):
        super().__init__(from_logits=from_logits, reduction=reduction, **kwargs)

    def __call__(self, y_true, y_pred, sample_weight=None):
        mean = super().__call__(y_true, y_pred, sample_weight)
        replicas = sharing.num_replicas()
        if replicas == 1:
            return mean
        labels = ops.cast(ops.sum(sample_weight), mean.dtype)
        everywhere = sharing.sum_over_replicas(labels)
        # Keras divides by the replicas, whose gradients are added up.
        return mean * ops.divide_no_nan(labels * replicas, everywhere)
