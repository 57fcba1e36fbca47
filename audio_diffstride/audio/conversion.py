"""Convert arrays of samples: mix down, resample, convert to 16 bit."""

from __future__ import annotations

import numpy as np

from audio_diffstride.errors import UserError

# Relative to full scale. soxr overflows to infinity on larger finite samples.
_MAX_LEVEL = 1000.0


def mix_down(samples: np.ndarray, name: object) -> np.ndarray:
    """The mean of all channels, as float32. Full scale is 1.

    Args:
        samples: int16 or float, of shape (samples, channels).
        name: of the recording, for messages.

    Returns:
        An array of shape (samples,).

    Raises:
        UserError: if a sample is not a finite number.
    """
    if samples.dtype == np.int16:
        samples = samples.astype(np.float32) / 32768
    # Few passes: each gives up Python's lock, and other threads wait for it.
    peak = max(samples.max(initial=0), -samples.min(initial=0))
    if not np.isfinite(peak):
        raise UserError(f"{name} holds samples that are not finite numbers")
    if peak > _MAX_LEVEL:
        samples = samples.clip(-_MAX_LEVEL, _MAX_LEVEL)
    return samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)


def resample(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """Resamples float samples with soxr's high-quality setting."""
    if from_hz == to_hz:
        return samples
    import soxr

    return soxr.resample(samples, from_hz, to_hz, quality="HQ")


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Converts float samples in [-1, 1] to 16-bit integers.

    Values are rounded. Values beyond full scale are clipped.

    >>> to_int16(np.array([-1.5, 0.0, 0.5, 1.0])).tolist()
    [-32768, 0, 16384, 32767]
    """
    scaled = np.asarray(samples) * 32768.0
    np.round(scaled, out=scaled)
    return np.clip(scaled, -32768, 32767, out=scaled).astype(np.int16)
