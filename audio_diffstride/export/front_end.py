"""The log-mel front end as convolutions, for runtimes without an FFT.

The Fourier transform of a windowed frame is a matrix product. At every hop it
is a convolution. The waveform is first cut into blocks, as long as the greatest
common divisor of window and hop. The samples of a block become the input
channels. So the convolution has few taps and is a dense product, which runtimes
compute fast. Frequency bins outside all mel bands are left out.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from audio_diffstride.export import steps


def freeze(front_end: Any, window_samples: int) -> list:
    """Converts a `LogMelSpectrogram` to steps that equal it within 1e-4.

    For loud pure tones, both err by a few 1e-4 in almost silent bands. The
    steps err no more than the layer.

    Args:
        front_end: the layer, built.
        window_samples: length of the waveform.

    Returns:
        Steps from (batch, samples) to (batch, frames, bands, 1).
    """
    length, hop = front_end.window_samples, front_end.hop_samples
    frames = front_end.num_frames(window_samples)
    # The window is centred in a frame that is as long as the FFT.
    before = (front_end.fft_samples - hop) // 2
    before -= (front_end.fft_samples - length) // 2
    block = math.gcd(length, hop)
    total = (frames - 1) * hop + length
    after = total - before - window_samples
    kernel, mel = _transform(front_end)
    return [
        steps.Blocks(before, after, block),
        steps.Convolution(
            kernel.reshape(length // block, 1, block, -1),
            strides=(hop // block, 1),
            padding="valid",
        ),
        steps.Square(),
        steps.Convolution(mel[None, None]),
        steps.Shift(np.array([front_end.log_offset], np.float32)),
        steps.Log(),
        steps.ChannelsAsWidth(),
    ]


def _transform(front_end: Any) -> tuple[np.ndarray, np.ndarray]:
    """The windowed cosines and sines, and the mel weights of their squares.

    Returns:
        Arrays of shape (samples, 2 bins) and (2 bins, bands).
    """
    weights = np.asarray(front_end.mel_weights)  # (bins, bands)
    used = np.flatnonzero(weights.any(axis=1))
    samples = np.arange(front_end.window_samples)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * samples / len(samples))
    turns = samples[:, None] * used / front_end.fft_samples
    angles = 2 * np.pi * turns
    kernel = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    kernel = (kernel * hann[:, None]).astype(np.float32)
    return kernel, np.tile(weights[used], (2, 1)).astype(np.float32)
