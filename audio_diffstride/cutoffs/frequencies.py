r"""From strides to cut-off frequencies: the paper's Table 2.

An axis of N samples at the rate fs, downsampled by S, keeps frequencies up to
fs / (2 S). The paper prints that cut-off rounded down to a bin,

    floor(N / (2 S)) * fs / N.

N = 160 frames at 100 Hz and N = 64 bands reproduce its table. Along time the
unit is Hz, of modulation and not of sound. Along frequency it is cycles per mel
band.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

AXES = ("time", "frequency")
UNITS = {"time": "Hz", "frequency": "cycles/band"}
FRAME_RATE_HZ = 100.0


def cutoff(stride: float, rate: float) -> float:
    """The highest frequency that is kept: rate / (2 S).

    >>> cutoff(2.0, rate=100.0)
    25.0
    """
    return rate / (2 * stride)


def quantised_cutoff(stride: float, size: int, rate: float) -> float:
    """The cut-off rounded down to a bin, as the paper prints it.

    >>> quantised_cutoff(1.97, size=160, rate=100.0)
    25.0
    """
    return math.floor(size / (2 * stride)) * rate / size


def convert(pair: Sequence[float], frames: int, bands: int) -> str:
    """The cut-offs of one layer's strides, without a model.

    >>> print(convert([1.97, 1.95], frames=160, bands=64))
    time:      stride 1.97 -> 25.38 Hz, 25.00 in 160 bins
    frequency: stride 1.95 -> 0.2564 cycles/band, 0.2500 in 64 bins
    """
    lines = []
    for axis, stride, size, rate, digits in (
        ("time", pair[0], frames, FRAME_RATE_HZ, 2),
        ("frequency", pair[1], bands, 1.0, 4),
    ):
        lines.append(
            f"{axis + ':':<10} stride {stride:.2f} -> "
            f"{cutoff(stride, rate):.{digits}f} {UNITS[axis]}, "
            f"{quantised_cutoff(stride, size, rate):.{digits}f} "
            f"in {size} bins"
        )
    return "\n".join(lines)
