"""The range that learned strides are kept in."""

from __future__ import annotations

import math
import numbers

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="audio_diffstride")
class StrideBounds(keras.constraints.Constraint):
    """Clips strides to [lower, upper] after each optimiser step.

    Args:
        lower: smallest stride; None is 1.
        upper: largest stride; None is no limit.

    Raises:
        ValueError: for a bound below 1, or none between the two.

    Example:
    >>> [float(s) for s in StrideBounds(upper=4.0)([0.3, 2.0, 9.0])]
    [1.0, 2.0, 4.0]
    """

    def __init__(self, lower: float | None = None, upper: float | None = None):
        for name, value in (("lower", lower), ("upper", upper)):
            if value is not None and not (is_number(value) and value >= 1):
                raise ValueError(
                    f"`{name}_limit_stride` must be None or a finite number "
                    f">= 1. Received: {name}_limit_stride={value!r}"
                )
        if lower is not None and upper is not None and lower > upper:
            raise ValueError(
                "`lower_limit_stride` must not exceed `upper_limit_stride`. "
                f"Received: lower_limit_stride={lower}, "
                f"upper_limit_stride={upper}"
            )
        self.lower = lower
        self.upper = upper

    def __call__(self, strides):
        strides = ops.maximum(strides, self.lower or 1.0)
        if self.upper is not None:
            strides = ops.minimum(strides, self.upper)
        return strides

    def get_config(self):
        return {"lower": self.lower, "upper": self.upper}


def is_number(value) -> bool:
    """Whether it is a finite real number."""
    return isinstance(value, numbers.Real) and math.isfinite(value)
