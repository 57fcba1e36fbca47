"""The range of learned strides."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.arguments import check_limits
from audio_diffstride.layers.types import Tensor


@keras.saving.register_keras_serializable(package="audio_diffstride")
class StrideBounds(keras.constraints.Constraint):
    """Clips strides to [lower, upper] after each optimizer step.

    Args:
        lower: smallest stride. None is 1.
        upper: largest stride. None is no limit.

    Raises:
        ValueError: for a limit below 1, or a lower one above the upper one.

    Example:
    >>> [float(s) for s in StrideBounds(upper=4.0)([0.3, 2.0, 9.0])]
    [1.0, 2.0, 4.0]
    """

    def __init__(self, lower: float | None = None, upper: float | None = None):
        check_limits(lower, upper)
        self.lower = lower
        self.upper = upper

    def __call__(self, strides: Tensor) -> Tensor:
        strides = ops.maximum(strides, self.lower or 1.0)
        if self.upper is not None:
            strides = ops.minimum(strides, self.upper)
        return strides

    def get_config(self) -> dict[str, Any]:
        return {"lower": self.lower, "upper": self.upper}
