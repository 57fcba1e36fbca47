"""Front ends and blocks that replace the product's, to compare their cost."""

from __future__ import annotations

from typing import Any

from keras import ops

from audio_diffstride.layers import LogMelSpectrogram
from audio_diffstride.models.audio.time_frequency_block import (
    TimeFrequencyBlock,
)


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
        self, x: Any, axis: int, resample_first: bool
    ) -> Any:
        x = self.convolutions[axis](x)
        size = self.resampling.output_size(x.shape[1:3])[axis]
        return x[:, :size] if axis == 0 else x[:, :, :size]


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
