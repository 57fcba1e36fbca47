"""Checks of the arguments that downsampling layers share."""

from __future__ import annotations

import math
import numbers
from typing import Any

from audio_diffstride.layers import spectral


def is_number(value: object) -> bool:
    """Whether a value is a finite real number."""
    return isinstance(value, numbers.Real) and math.isfinite(value)


def checked_strides(strides: Any) -> float | tuple[float, ...]:
    """The strides as a float or a tuple of floats.

    Raises:
        ValueError: unless every stride is finite and at least 1.

    >>> checked_strides(2), checked_strides([2, 1.5])
    (2.0, (2.0, 1.5))
    """
    several = isinstance(strides, (list, tuple))
    try:
        values = tuple(float(s) for s in (strides if several else [strides]))
    except (TypeError, ValueError):
        values = ()
    if not values or not all(math.isfinite(s) and s >= 1 for s in values):
        raise ValueError(
            "`strides` must be a finite number >= 1, or one such number per "
            f"spatial axis. Received: strides={strides!r}"
        )
    return values if several else values[0]


def check_transition(
    smoothness_factor: float, transition_band: str, smoothness_percent: float
) -> None:
    """Checks the arguments of a transition band; see `DiffStride`.

    Raises:
        ValueError: for an argument out of its range.
    """
    if not is_number(smoothness_factor) or smoothness_factor <= 0:
        raise ValueError(
            "`smoothness_factor` must be a finite number of bins > 0. "
            f"Received: smoothness_factor={smoothness_factor!r}"
        )
    if not is_number(smoothness_percent) or smoothness_percent < 0:
        raise ValueError(
            "`smoothness_percent` must be a finite number >= 0. "
            f"Received: smoothness_percent={smoothness_percent!r}"
        )
    if transition_band not in spectral.TRANSITION_BANDS:
        raise ValueError(
            "`transition_band` must be one of "
            f"{', '.join(map(repr, spectral.TRANSITION_BANDS))}. "
            f"Received: transition_band={transition_band!r}"
        )


def check_limits(lower: float | None, upper: float | None) -> None:
    """Checks the limits of learned strides; see `StrideBounds`.

    Raises:
        ValueError: for a limit below 1, or a lower one above the upper one.
    """
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


def checked_folding(folding: Any) -> float | tuple[float, ...]:
    """The folding as a float or a tuple of floats; see `DiffStride`.

    Raises:
        ValueError: unless every number is from 0 to 1.

    >>> checked_folding(1), checked_folding([0, 0.5])
    (1.0, (0.0, 0.5))
    """
    several = isinstance(folding, (list, tuple))
    values = tuple(folding) if several else (folding,)
    if not values or not all(is_number(a) and 0 <= a <= 1 for a in values):
        raise ValueError(
            "`folding` must be a number from 0 to 1, or one such number per "
            f"spatial axis. Received: folding={folding!r}"
        )
    values = tuple(map(float, values))
    return values if several else values[0]
