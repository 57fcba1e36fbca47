"""Changed samples as 16-bit integers again."""

from __future__ import annotations

import numpy as np

LOWEST, HIGHEST = -32768, 32767
FULL_SCALE = 32768  # 0 dB


def to_pcm16(samples: np.ndarray) -> np.ndarray:
    """Float samples, rounded and cut off in place, as 16-bit integers.

    >>> to_pcm16(np.float32([0.6, -1.2, 40_000, -40_000])).tolist()
    [1, -1, 32767, -32768]
    """
    np.rint(samples, out=samples)
    np.clip(samples, LOWEST, HIGHEST, out=samples)
    return samples.astype(np.int16)


def fit_pcm16(samples: np.ndarray) -> np.ndarray:
    """Float samples as 16-bit integers, turned down if too loud.

    >>> fit_pcm16(np.float32([0.6, -1.2])).tolist()
    [1, -1]
    >>> fit_pcm16(np.float32([20_000, -65_534])).tolist()
    [10000, -32767]
    """
    peak = max(float(samples.max()), -float(samples.min()))
    if peak > HIGHEST + 0.5:
        samples *= np.float32(HIGHEST / peak)
    return to_pcm16(samples)


def rms(window: np.ndarray) -> float:
    """The root of the mean square of samples. Full scale is 32,768.

    >>> rms(np.int16([3, -4, 0, 0]))
    2.5
    """
    window = window.astype(np.float32)
    return float(np.sqrt(np.dot(window, window) / len(window)))
