"""Spectrograms of an example, and what the downsampling alone leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops


def log_mel_db(model: Any, window: np.ndarray) -> np.ndarray:
    """The log-mel spectrogram of a window: (frames, bands) in dB."""
    features = np.array(model.front_end(window[None]))[0, :, :, 0]
    return features * (10 / math.log(10))


def downsample(model: Any, spectrogram: np.ndarray) -> list[np.ndarray]:
    """The spectrogram after each block's downsampling, without convolutions.

    The model's own layers downsample, one after the other. Strided
    convolutions take every S-th value, without a filter; so does this.

    Args:
        model: an `AudioClassifier`.
        spectrogram: (frames, bands).

    Returns:
        One array per block, (frames', bands').
    """
    x = np.asarray(spectrogram, "float32")
    stages = []
    for block in model.encoder.downsamplers:
        for axis in (0, 1):
            if block.downsampling == "strided_conv":
                x = _subsample(x, int(block.initial_strides[axis]), axis)
            else:
                x = block.downsample(x[None, :, :, None], axis)
                x = ops.convert_to_numpy(x)[0, :, :, 0]
        stages.append(x)
    return stages


def _subsample(x: np.ndarray, stride: int, axis: int) -> np.ndarray:
    """The values at the centres of a "same" convolution of three taps."""
    size = x.shape[axis]
    outputs = -(-size // stride)
    before = max((outputs - 1) * stride + 3 - size, 0) // 2
    indices = np.arange(outputs) * stride + 1 - before
    return np.take(x, np.clip(indices, 0, size - 1), axis=axis)


def modulation_spectrum_db(spectrogram: np.ndarray) -> np.ndarray:
    """Power of the modulations along time and frequency.

    0 dB is the strongest one. Ripples that rise and fall in frequency are
    added.

    Args:
        spectrogram: (frames, bands).

    Returns:
        (frames // 2 + 1, bands // 2 + 1): modulations from 0 to half the rate
        of each axis.
    """
    x = spectrogram - spectrogram.mean()
    power = np.abs(np.fft.fft2(x)) ** 2
    frames, bands = power.shape
    mirrored = power[:, (-np.arange(bands)) % bands]
    power = (power + mirrored)[: frames // 2 + 1, : bands // 2 + 1]
    strongest = power.max()
    if not strongest:
        return np.full(power.shape, -50.0)
    return 10 * np.log10(np.maximum(power / strongest, 1e-12))


def kept_corners(
    rows: Sequence[Mapping[str, Any]],
) -> list[tuple[str, float, float]]:
    """Up to where modulations are left after each block.

    The edge of a mask is where it is at -6 dB. No block restores what one
    before it removed. The list is empty if the layers have no filter.

    Args:
        rows: of `cutoffs.report`.

    Returns:
        (block number, Hz, cycles/band) per block.
    """
    edges = {"time": math.inf, "frequency": math.inf}
    corners: dict[str, tuple[float, float]] = {}
    for row in rows:
        if row["half"] is None:
            return []
        edges[row["axis"]] = min(edges[row["axis"]], row["half"])
        block = row["block"].removeprefix("block")
        corners[block] = edges["time"], edges["frequency"]
    return [(block, *corner) for block, corner in corners.items()]
