"""The loss of a task: the mean over all labels of a batch."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from audio_diffstride.backends import sharing
from audio_diffstride.layers.types import Tensor

_LEAST_ERROR = 1e-7  # its power has a finite gradient


class _OverAllDevices(keras.losses.Loss):
    """Makes the mean of a loss that of the examples of all devices.

    With several devices, each TensorFlow replica sees its own part of a
    batch. One part can have many labels of a task, and another part none. So
    the mean of the means of the parts is not the mean. Here each part counts
    by its number of labels. On one device, and on other backends, the loss is
    that of Keras.
    """

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


@keras.saving.register_keras_serializable(package="audio_diffstride")
class GlobalMean(_OverAllDevices, keras.losses.SparseCategoricalCrossentropy):
    """Mean cross-entropy over the labelled examples of all devices.

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


class _OfLogits(_OverAllDevices):
    """Base of losses with smoothed labels and a focus on what is wrong."""

    def __init__(
        self,
        label_smoothing: float = 0.0,
        focal_gamma: float = 0.0,
        reduction: str = "mean_with_sample_weight",
        **kwargs: Any,
    ):
        super().__init__(reduction=reduction, **kwargs)
        self.label_smoothing = label_smoothing
        self.focal_gamma = focal_gamma

    def _weigh(self, shares: Tensor, log_p: Tensor) -> Tensor:
        """Shares of labels, less for what has a high probability already."""
        if not self.focal_gamma:
            return shares
        error = ops.maximum(1 - ops.exp(log_p), _LEAST_ERROR)
        return shares * ops.power(error, self.focal_gamma)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
            "focal_gamma": self.focal_gamma,
        }


@keras.saving.register_keras_serializable(package="audio_diffstride")
class SoftLabelLoss(_OfLogits):
    """Mean cross-entropy or focal loss of logits, for hard or soft labels.

    With p the probability of a class and t its share of the label, an example
    has the loss `-sum(t * (1 - p) ** focal_gamma * log(p))`. It is computed
    from the logits: Keras's focal loss clips p instead, so that a class which
    is far off has no gradient.

    Args:
        label_smoothing: share of a label that is spread evenly over all
            classes.
        focal_gamma: how much less examples count that are right already. 0 is
            cross-entropy.
        reduction: must be "mean_with_sample_weight".
        **kwargs: for `keras.losses.Loss`.

    Labels are class indices, of shape (batch,), or shares of the classes, of
    shape (batch, classes).

    References:
        Lin et al., 2017, https://arxiv.org/abs/1708.02002, Eq. 4.

    Example:
    >>> logits = ops.array([[0.0, 0.0], [5.0, 0.0]])
    >>> shares = ops.array([[0.5, 0.5], [1.0, 0.0]])
    >>> round(float(SoftLabelLoss()(shares, logits)), 3)
    0.35
    >>> round(float(SoftLabelLoss(focal_gamma=2.0)(shares, logits)), 3)
    0.087
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        num_classes = y_pred.shape[-1]
        if len(y_true.shape) < len(y_pred.shape):
            indices = ops.cast(y_true, "int32")
            y_true = ops.one_hot(indices, num_classes, dtype=y_pred.dtype)
        if self.label_smoothing:
            spread = self.label_smoothing / num_classes
            y_true = y_true * (1 - self.label_smoothing) + spread
        log_p = ops.log_softmax(y_pred)
        return -ops.sum(self._weigh(y_true, log_p) * log_p, axis=-1)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class SeveralLabelsLoss(_OfLogits):
    """Mean binary cross-entropy, or focal loss, over all known labels.

    With p the probability of a class and t its label, a class of an example
    has the loss

        -t (1 - p) ** focal_gamma log(p) - (1 - t) p ** focal_gamma log(1 - p)

    computed from the logits. What is not known has weight 0, class by class.

    Args:
        label_smoothing: share of each label that is spread over present and
            absent: 0.2 makes a present class 0.9 and an absent one 0.1.
        focal_gamma: how much less labels count that are right already. 0 is
            cross-entropy.
        reduction: must be "mean_with_sample_weight".
        **kwargs: for `keras.losses.Loss`.

    Labels and weights are of shape (batch, classes). Labels are 1, 0, or
    shares where windows are mixed.

    References:
        Lin et al., 2017, https://arxiv.org/abs/1708.02002, Eq. 4.

    Example:
    >>> logits = ops.array([[0.0, 0.0], [5.0, 0.0]])
    >>> labels = ops.array([[1.0, 0.0], [1.0, 0.0]])
    >>> is_known = ops.array([[1.0, 1.0], [0.0, 1.0]])
    >>> round(float(SeveralLabelsLoss()(labels, logits, is_known)), 3)
    0.693
    """

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        y_true = ops.cast(y_true, y_pred.dtype)
        if self.label_smoothing:
            spread = self.label_smoothing / 2
            y_true = y_true * (1 - self.label_smoothing) + spread
        log_p, log_q = ops.log_sigmoid(y_pred), ops.log_sigmoid(-y_pred)
        return -(
            self._weigh(y_true, log_p) * log_p
            + self._weigh(1 - y_true, log_q) * log_q
        )
