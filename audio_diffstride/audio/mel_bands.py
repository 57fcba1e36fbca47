"""Mel bands: triangles over frequency, evenly spaced on Slaney's scale.

The scale is linear up to 1 kHz and logarithmic above. It is that of Slaney's
"Auditory Toolbox" (1998), as is the normalisation. Tests compare the weights
with those of librosa, bit by bit. To import librosa takes two seconds, longer
than to build the network.
"""

from __future__ import annotations

import numpy as np

_HZ_PER_MEL = 200.0 / 3  # of the linear part
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _HZ_PER_MEL
_LOG_HZ_PER_MEL = np.log(6.4) / 27  # of the logarithmic part


def edges_hz(num_bands: int, min_hz: float, max_hz: float) -> np.ndarray:
    """The edges of bands: each begins at the centre of the one before.

    Args:
        num_bands: number of bands.
        min_hz: where the lowest begins.
        max_hz: where the highest ends.

    Returns:
        An array of shape (num_bands + 2,), which holds for band b its lower
        edge at b, its centre at b + 1 and its upper edge at b + 2.

    >>> edges_hz(3, 0, 800).tolist()
    [0.0, 200.0, 400.0, 600.0, 800.0]
    """
    lowest, highest = _to_mel(np.array([min_hz, max_hz], float))
    mel = np.linspace(lowest, highest, num_bands + 2)
    above = np.exp(_LOG_HZ_PER_MEL * (mel - _BREAK_MEL))
    return np.where(mel < _BREAK_MEL, _HZ_PER_MEL * mel, _BREAK_HZ * above)


def _to_mel(hz: np.ndarray) -> np.ndarray:
    above = np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) / _LOG_HZ_PER_MEL
    return np.where(hz < _BREAK_HZ, hz / _HZ_PER_MEL, _BREAK_MEL + above)


def weights(
    sample_rate_hz: int,
    fft_samples: int,
    num_bands: int,
    min_hz: float,
    max_hz: float,
) -> np.ndarray:
    """The weight of every frequency of a transform in every band.

    The weights of a band make a triangle with the area 1 Hz.

    Args:
        sample_rate_hz: of the transformed signal.
        fft_samples: length of the transform.
        num_bands: number of bands.
        min_hz: where the lowest begins.
        max_hz: where the highest ends.

    Returns:
        float32, of shape (fft_samples // 2 + 1, num_bands).
    """
    edges = edges_hz(num_bands, min_hz, max_hz)
    frequencies_hz = np.fft.rfftfreq(fft_samples, 1 / sample_rate_hz)[:, None]
    widths = np.diff(edges)
    rising = (frequencies_hz - edges[:-2]) / widths[:-1]
    falling = (edges[2:] - frequencies_hz) / widths[1:]
    triangles = np.maximum(0, np.minimum(rising, falling)).astype("float32")
    heights = 2 / (edges[2:] - edges[:-2])
    return (triangles * heights).astype("float32")


def num_empty(weights: np.ndarray) -> int:
    """How many bands are so narrow that they hold no frequency."""
    return int((weights.sum(axis=0) == 0).sum())
