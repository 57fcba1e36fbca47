"""What is left of a spectrogram once only the downsampling acts on it."""

from __future__ import annotations

import math

import numpy as np


def log_mel_db(model, window: np.ndarray) -> np.ndarray:
    """The log-mel spectrogram of a window: (frames, bands) in dB."""
    features = np.array(model.front_end(window[None]))[0, :, :, 0]
    return features * (10 / math.log(10))


def band_centres_hz(front_end) -> np.ndarray:
    """The centre frequency of every mel band."""
    import librosa

    return librosa.mel_frequencies(
        front_end.num_bands + 2, fmin=front_end.min_hz, fmax=front_end.max_hz
    )[1:-1]


def remains(model, spectrogram: np.ndarray) -> list[np.ndarray]:
    """The spectrogram after each block's downsampling, without convolutions.

    The layers themselves do it: each block's on what the one before left.
    Where a strided convolution downsamples, every S-th value is taken, which
    is what the convolution sees without a filter before it.

    Args:
        model: an `AudioClassifier`.
        spectrogram: (frames, bands).

    Returns:
        One array per block, (frames', bands').
    """
    x = np.asarray(spectrogram, "float32")
    left = []
    for block in model.encoder.downsamplers:
        for axis in (0, 1):
            if block.downsampling == "strided_conv":
                x = _every(x, int(block.initial_strides[axis]), axis)
            else:
                x = np.array(block.downsample(x[None, :, :, None], axis))
                x = x[0, :, :, 0]
        left.append(x)
    return left


def _every(x: np.ndarray, stride: int, axis: int) -> np.ndarray:
    """The values at the centres of a "same" convolution of three taps."""
    size = x.shape[axis]
    outputs = -(-size // stride)
    before = max((outputs - 1) * stride + 3 - size, 0) // 2
    places = np.arange(outputs) * stride + 1 - before
    return np.take(x, np.clip(places, 0, size - 1), axis=axis)


def modulation_spectrum_db(spectrogram: np.ndarray) -> np.ndarray:
    """Power of the modulations along time and frequency, 0 dB the largest.

    Args:
        spectrogram: (frames, bands).

    Returns:
        (frames // 2 + 1, bands // 2 + 1): from 0 to half the rate of either
        axis; both directions of a ripple together.
    """
    x = spectrogram - spectrogram.mean()
    power = np.abs(np.fft.fft2(x)) ** 2
    frames, bands = power.shape
    mirrored = power[:, (-np.arange(bands)) % bands]
    power = (power + mirrored)[: frames // 2 + 1, : bands // 2 + 1]
    loudest = power.max()
    if not loudest:
        return np.full(power.shape, -50.0)
    return 10 * np.log10(np.maximum(power / loudest, 1e-12))


def regions(rows: list[dict]) -> list[tuple[str, float, float]]:
    """The corner of what is left after each block, from a cut-off report.

    An edge is where the mask is at -6 dB; a block with a filter cannot bring
    back what one before it removed. Arms without a filter have no region.

    Args:
        rows: of `cutoffs.report`.

    Returns:
        (block number, Hz, cycles/band) per block.
    """
    left = {"time": math.inf, "frequency": math.inf}
    corners = {}
    for row in rows:
        if row["half"] is None:
            return []
        left[row["axis"]] = min(left[row["axis"]], row["half"])
        corners[row["block"].removeprefix("block")] = tuple(left.values())
    return [(name, *corner) for name, corner in corners.items()]
