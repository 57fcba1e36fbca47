"""Arrays of samples, converted as recordings are when they are read."""

from __future__ import annotations

from typing import Any

import numpy as np

from audio_diffstride.audio import conversion, reading
from audio_diffstride.errors import UserError, shortened

_NAME = "the array"
# Relative to full scale. Floats beyond it are 16-bit numbers, not scaled.
_MAX_LEVEL = 10.0


def convert(
    samples: Any, from_hz: float | None, to_hz: int = reading.SAMPLE_RATE_HZ
) -> np.ndarray:
    """Mono 16-bit samples of an array: what its wav file would give.

    int16 samples at the wanted rate stay bit for bit. All others go through
    float32, the mean of the channels and soxr's high-quality resampler. Floats
    beyond full scale are clipped.

    Args:
        samples: int16, or floats in [-1, 1]; of shape (samples,) or (samples,
            channels).
        from_hz: their sample rate.
        to_hz: of the result.

    Returns:
        int16, of shape (samples,).

    Raises:
        UserError: for no or another rate, another type or shape, an empty
            array, or samples that are not finite or far beyond full scale.

    Example:
    >>> convert([0.5, -1.0], 16000).tolist()
    [16384, -32768]
    """
    rate_hz = check_rate(from_hz)
    mono = mix_down(samples, keeps_int16=rate_hz == to_hz)
    if mono.dtype == np.int16:
        return mono
    converted = conversion.to_int16(conversion.resample(mono, rate_hz, to_hz))
    if not len(converted):
        raise UserError(
            f"{_NAME} is too short for a single sample at {to_hz} Hz"
        )
    return converted


def mix_down(samples: Any, keeps_int16: bool) -> np.ndarray:
    """The mean of the channels of an array, as float32.

    Args:
        samples: see `convert`.
        keeps_int16: whether int16 of one channel stay bit for bit.

    Returns:
        An array of shape (samples,).

    Raises:
        UserError: see `convert`.
    """
    array = _checked(samples)
    if keeps_int16 and array.dtype == np.int16 and array.shape[1] == 1:
        return array[:, 0]
    return conversion.mix_down(array, _NAME)


def check_rate(rate_hz: float | None) -> int:
    """The sample rate of an array.

    Raises:
        UserError: for none, or one that is no whole number of a usual size.
    """
    if rate_hz is None:
        raise UserError(
            f"the sample rate of {_NAME} is unknown; give sample_rate_hz"
        )
    is_number = isinstance(rate_hz, int | float | np.number)
    if not (
        is_number
        and not isinstance(rate_hz, bool)
        and reading.MIN_RATE_HZ <= rate_hz <= reading.MAX_RATE_HZ
        and rate_hz == int(rate_hz)
    ):
        raise UserError(
            f"sample_rate_hz is {shortened(rate_hz)}, but must be a whole "
            f"number from {reading.MIN_RATE_HZ} to {reading.MAX_RATE_HZ}"
        )
    return int(rate_hz)


def _checked(samples: Any) -> np.ndarray:
    """The array as int16 or float32, of shape (samples, channels)."""
    try:
        array = np.asarray(samples)
    except ValueError as error:  # such as lists of several lengths
        raise UserError(f"{_NAME} is not an array of samples") from error
    is_float = np.issubdtype(array.dtype, np.floating)
    if not (is_float or array.dtype == np.int16):
        raise UserError(
            f"{_NAME} holds {array.dtype}; give int16, or floats in [-1, 1]"
        )
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or 0 < len(array) < array.shape[1]:
        raise UserError(
            f"{_NAME} is of shape {array.shape}, but must be (samples,) or "
            "(samples, channels); transpose it, or give one recording"
        )
    if not array.size:
        raise UserError(f"{_NAME} holds no audio samples")
    if not is_float:
        return array
    if np.abs(array[np.isfinite(array)]).max(initial=0) > _MAX_LEVEL:
        raise UserError(
            f"{_NAME} holds floats far beyond [-1, 1]; divide them by their "
            "full scale, such as 32768"
        )
    return array.astype(np.float32)
