"""Front ends and blocks that replace the product's, to compare their cost."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from audio_diffstride.layers import LogMelSpectrogram
from audio_diffstride.models.audio.time_frequency_block import (
    TimeFrequencyBlock,
)


class FlatBank(LogMelSpectrogram):
    """The front end with bands that are means of all frequencies.

    Its filter bank has the shape of the product's and needs no librosa. The
    cost of the product does not depend on the values.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        bins = self.fft_samples // 2 + 1
        shape = (bins, self.num_bands)
        self.mel_weights = np.full(shape, 1 / bins, "float32")


class NoFrontEnd(LogMelSpectrogram):
    """The first samples, reshaped to the shape of a spectrogram."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        pass

    def call(self, waveform: Any) -> Any:
        frames = self.num_frames(waveform.shape[1])
        x = waveform[:, : frames * self.num_bands]
        x = ops.reshape(x, (-1, frames, self.num_bands, 1))
        return ops.cast(x, self.compute_dtype) / 32768


class ConvolutionBlock(TimeFrequencyBlock):
    """A block with its convolutions only."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for norm in self.norms:
            norm.trainable = False

    def call(
        self, x: Any, training: bool | None = None, size: Any = None
    ) -> Any:
        for convolution in self.convolutions:
            x = convolution(x)
        return x


class SliceBlock(TimeFrequencyBlock):
    """A block that keeps the first samples of an axis, at no cost.

    It keeps as many as DiffStride would.
    """

    resampling: Any  # a DiffStride, never None

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.resampling.trainable = False

    def _convolve_and_downsample(
        self, x: Any, axis: int, size: Any, resample_first: bool
    ) -> Any:
        x = self.convolutions[axis](x)
        new_size = self.resampling.output_size(x.shape[1:3])[axis]
        return x[:, :new_size] if axis == 0 else x[:, :, :new_size]


class EndBlock(TimeFrequencyBlock):
    """A block that downsamples both axes together at its end, by FFTs."""

    resampling: Any  # a DiffStride, never None

    def _downsample(self, x: Any) -> Any:
        from audio_diffstride.benchmark.fft_layer import fft_diffstride

        return fft_diffstride(self.resampling, x)

    def call(
        self, x: Any, training: bool | None = None, size: Any = None
    ) -> Any:
        x = ops.relu(self.convolutions[0](x))
        x = self.norms[0](x, training=training)
        x = ops.relu(self._downsample(self.convolutions[1](x)))
        return self.norms[1](x, training=training)
