"""Adam, AdamW and SGD with separate step sizes for strides and folding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import keras

from audio_diffstride.backends import sharing
from audio_diffstride.layers.types import Tensor


class StrideSteps:
    """Mixin for optimizers: larger or smaller steps on strides and folding.

    A stride is not one weight among thousands. It is a geometric quantity of
    order one. The right step size depends on how far the stride should move
    in a run, and not on the step size of the weights. The same holds for the
    folding, which has the range 0 to 1.

    `weight_decay` of the optimizer shrinks kernels and nothing else. A stride
    pulled to zero would keep everything. Norms and biases have no scale to
    lose.

    `global_clipnorm` limits the norm of the gradient of the whole batch, also
    where several TensorFlow replicas share it. Keras would limit the part of
    each replica.

    With `use_ema` the average is of weights within their bounds, such as
    strides of 1 or more, and keeps them. Keras would bound the weights only
    after it has averaged them.

    A network that starts from a trained one may take smaller steps in its
    first blocks. `layer_step_ratios` names them by a part of the paths of their
    weights.

    Args:
        *args: for the optimizer.
        stride_step_ratio: learning rate of the strides divided by that of the
            weights. The paper has 1.
        folding_step_ratio: the same for the folding.
        layer_step_ratios: {part of a path: factor on the learning rate of
            its weights, strides and folding}. All others have 1.
        **kwargs: for the optimizer.
    """

    def __init__(
        self,
        *args: Any,
        stride_step_ratio: float = 1.0,
        folding_step_ratio: float = 1.0,
        layer_step_ratios: Mapping[str, float] | None = None,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.stride_step_ratio = stride_step_ratio
        self.folding_step_ratio = folding_step_ratio
        self.layer_step_ratios = dict(layer_step_ratios or {})

    def update_step(
        self, gradient: Tensor, variable: Any, learning_rate: Tensor
    ) -> None:
        name = _own_name(variable)
        if name == "strides":
            learning_rate = learning_rate * self.stride_step_ratio
        elif name == "folding":
            learning_rate = learning_rate * self.folding_step_ratio
        for layer, ratio in self.layer_step_ratios.items():
            if f"/{layer}/" in f"/{_path(variable)}":
                learning_rate = learning_rate * ratio
        super().update_step(gradient, variable, learning_rate)  # type: ignore[misc]  # of the optimizer

    def _apply_weight_decay(self, variables: list[Any]) -> None:
        kernels = [v for v in variables if _own_name(v) == "kernel"]
        if kernels:
            super()._apply_weight_decay(kernels)  # type: ignore[misc]  # of the optimizer

    def _clip_gradients(self, grads: list[Tensor]) -> list[Tensor]:
        if sharing.num_replicas() > 1:
            return grads  # parts of the gradient; see the next method
        return super()._clip_gradients(grads)  # type: ignore[misc]  # of the optimizer

    def _all_reduce_sum_gradients(
        self, grads_and_vars: list[tuple[Tensor, Any]]
    ) -> list[tuple[Tensor, Any]]:
        """Sums the gradients of TensorFlow's replicas, and clips the sum."""
        summed = super()._all_reduce_sum_gradients(grads_and_vars)  # type: ignore[misc]  # of the optimizer
        if sharing.num_replicas() == 1:
            return summed
        gradients, variables = zip(*summed)
        clipped = super()._clip_gradients(list(gradients))  # type: ignore[misc]  # of the optimizer
        return list(zip(clipped, variables))

    def _update_model_variables_moving_average(
        self, trainable_variables: list[Any]
    ) -> None:
        bounded = [v for v in trainable_variables if v.constraint is not None]
        for variable in bounded:
            variable.assign(variable.constraint(variable))
        super()._update_model_variables_moving_average(trainable_variables)  # type: ignore[misc]  # of the optimizer
        for variable in bounded:  # also where rounding leaves them
            average = self._average_of(variable)
            average.assign(variable.constraint(average))

    def _average_of(self, variable: Any) -> Any:
        index = self._get_variable_index(variable)  # type: ignore[attr-defined]
        return self._model_variables_moving_average[index]  # type: ignore[attr-defined]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),  # type: ignore[misc]  # of the optimizer
            "stride_step_ratio": self.stride_step_ratio,
            "folding_step_ratio": self.folding_step_ratio,
            "layer_step_ratios": self.layer_step_ratios,
        }


@keras.saving.register_keras_serializable(package="audio_diffstride")
class StrideAdam(StrideSteps, keras.optimizers.Adam):
    """Adam with larger or smaller steps on strides than on weights.

    Adam moves a variable by about its learning rate per step, whatever the
    scale of the loss. So in a run a stride can move by about the sum of the
    learning rates. This is 100 in the paper's million steps at 1e-4. In 750
    steps at 1e-3 it is only 0.75, so every stride stays where it started.

    Args:
        learning_rate: of the weights, a number or a schedule.
        **kwargs: for `StrideSteps` and `keras.optimizers.Adam`.

    Example:
    >>> StrideAdam(1e-3, stride_step_ratio=30.0).stride_step_ratio
    30.0
    """

    def __init__(self, learning_rate: Any = 1e-4, **kwargs: Any):
        super().__init__(learning_rate, **kwargs)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class StrideAdamW(StrideSteps, keras.optimizers.AdamW):
    """AdamW with larger or smaller steps on strides than on weights.

    It is `StrideAdam` with decoupled weight decay: a step also shrinks each
    kernel by its learning rate times `weight_decay`. The decay is then the
    same for all kernels, and not divided by the scale of their gradients as
    a decay in the loss is (Loshchilov and Hutter, 2019).

    Args:
        learning_rate: of the weights, a number or a schedule.
        **kwargs: for `StrideSteps` and `keras.optimizers.AdamW`.

    Example:
    >>> StrideAdamW(1e-3, weight_decay=0.05).weight_decay
    0.05
    """

    def __init__(self, learning_rate: Any = 1e-4, **kwargs: Any):
        super().__init__(learning_rate, **kwargs)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class StrideSGD(StrideSteps, keras.optimizers.SGD):
    """SGD with larger or smaller steps on strides than on weights.

    A step is the gradient times the learning rate. So strides move if the
    loss depends on them. The image networks of the paper train with SGD, at
    one learning rate for strides and weights.

    Args:
        learning_rate: of the weights, a number or a schedule.
        **kwargs: for `StrideSteps` and `keras.optimizers.SGD`.

    Example:
    >>> StrideSGD(0.1, momentum=0.9, stride_step_ratio=0.1).momentum
    0.9
    """


def _own_name(variable: Any) -> str:
    """The name of a variable in its layer, such as "strides" of DiffStride."""
    return _path(variable).split("/")[-1]


def _path(variable: Any) -> str:
    """The path of a variable, such as "encoder/block1/diffstride/strides".

    TensorFlow's optimizers get the native variable. Its name is its path, with
    the number of the replica, if there are several, and an output number:
    "encoder/block1/diffstride/strides/replica_1:0".
    """
    path = getattr(variable, "path", None) or variable.name
    return re.sub(r"(/replica_\d+)?(:\d+)?$", "", path)
