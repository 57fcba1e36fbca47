"""Adam and SGD with a step size of its own for the strides."""

from __future__ import annotations

import re

import keras


class StrideSteps:
    """Mixed into an optimiser: larger or smaller steps on strides.

    A stride is no weight among thousands but a geometric quantity of order
    one; its step size follows from how far it is to travel in a run, not from
    the weights'.

    Args:
        *args: of the optimiser.
        stride_step_ratio: the strides' learning rate over the weights'; 1 is
            the paper.
        **kwargs: for the optimiser.
    """

    def __init__(self, *args, stride_step_ratio: float = 1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.stride_step_ratio = stride_step_ratio

    def update_step(self, gradient, variable, learning_rate):
        if _is_stride(variable):
            learning_rate = learning_rate * self.stride_step_ratio
        super().update_step(gradient, variable, learning_rate)

    def get_config(self):
        return {
            **super().get_config(),
            "stride_step_ratio": self.stride_step_ratio,
        }


@keras.saving.register_keras_serializable(package="audio_diffstride")
class StrideAdam(StrideSteps, keras.optimizers.Adam):
    """Adam that takes larger or smaller steps on strides than on weights.

    Adam moves a variable by about its learning rate a step, whatever the
    scale of the loss. So over a run a stride can travel about the sum of the
    learning rates: 100 in the paper's million steps at 1e-4, but only 0.75 in
    750 steps at 1e-3, which leaves every stride where it started.

    Args:
        learning_rate: of the weights: a number or a schedule.
        **kwargs: for `StrideSteps` and `keras.optimizers.Adam`.

    Example:
    >>> StrideAdam(1e-3, stride_step_ratio=30.0).stride_step_ratio
    30.0
    """

    def __init__(self, learning_rate=1e-4, **kwargs):
        super().__init__(learning_rate, **kwargs)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class StrideSGD(StrideSteps, keras.optimizers.SGD):
    """SGD that takes larger or smaller steps on strides than on weights.

    Its steps are the gradient times the rate, so strides move where the loss
    depends on them; the paper's image networks train so, at one rate for all.

    Args:
        learning_rate: of the weights: a number or a schedule.
        **kwargs: for `StrideSteps` and `keras.optimizers.SGD`.

    Example:
    >>> StrideSGD(0.1, momentum=0.9, stride_step_ratio=0.1).momentum
    0.9
    """


def _is_stride(variable) -> bool:
    """Whether this is the weight that a DiffStride layer owns.

    TensorFlow's optimisers get the native variable, which is named by its
    path, the copy of it if several devices have one, and an output number:
    "encoder/block1/diffstride/strides/replica_1:0".
    """
    name = re.sub(r"(/replica_\d+)?(:\d+)?$", "", variable.name)
    return name.split("/")[-1] == "strides"
