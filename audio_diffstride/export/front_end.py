"""The log-mel front end as convolutions, for runtimes without a transform.

The discrete Fourier transform of a windowed frame is a matrix product, and of
frames at every hop a convolution. Cut into blocks as long as the greatest
common divisor of window and hop, the waveform has as many input channels, and
the convolution, of a few taps, is the dense product that runtimes are fast at.
Bins that no mel band hears are left out.
"""

from __future__ import annotations

import math

import numpy as np

from audio_diffstride.export import steps


def freeze(front_end, window_samples: int) -> list:
    """The steps that equal a `LogMelSpectrogram` within 1e-4.

    Of loud pure tones, in bands where next to nothing is, both are off by a
    few 1e-4, the steps no more than the layer.

    Args:
        front_end: the layer, built.
        window_samples: length of the waveform.

    Returns:
        Steps from (batch, samples) to (batch, frames, bands, 1).
    """
    length, hop = front_end.window_samples, front_end.hop_samples
    frames = front_end.num_frames(window_samples)
    # The window lies in the middle of a frame that is as long as the FFT.
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


def _transform(front_end) -> tuple[np.ndarray, np.ndarray]:
    """Window times cosines and sines (samples, 2 bins), and the mel weights.

    The weights, (2 bins, bands), add up the squares of both.
    """
    weights = np.asarray(front_end.mel_weights)
    heard = np.flatnonzero(weights.any(axis=1))
    samples = np.arange(front_end.window_samples)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * samples / len(samples))
    turns = samples[:, None] * heard / front_end.fft_samples
    angles = 2 * np.pi * turns
    kernel = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    kernel = (kernel * hann[:, None]).astype(np.float32)
    return kernel, np.tile(weights[heard], (2, 1)).astype(np.float32)
