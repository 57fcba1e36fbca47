"""One block of the audio network: along time, then along frequency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.config.architectures import positions
from audio_diffstride.layers.axis_products import (
    TAPS,
    convolve_and_resample,
    multiply_adds,
)
from audio_diffstride.layers.types import Shape, Size, Tensor
from audio_diffstride.models.downsampler import DownsamplerBase

AXES = ("time", "frequency")


@keras.saving.register_keras_serializable(package="audio_diffstride")
class TimeFrequencyBlock(DownsamplerBase):
    """A block with one convolution along time, then one along frequency.

    Along time: a (3 x 1) convolution, downsampling of time, ReLU, batch norm.
    Along frequency: a (1 x 3) convolution, downsampling of frequency, ReLU,
    batch norm. The second half already works on the shorter time axis. One
    DiffStride layer owns both strides.

    This is the order of the paper, "after_convolution". Two other positions
    have the same weights but compute something else:

    - "before_convolution": an axis is downsampled, then convolved. This costs
      as much as a strided convolution. The taps are a stride apart, so they
      reach further. They shape the whole band that is kept. Three
      neighbouring taps can hardly separate its frequencies.
    - "after_relu": convolution, ReLU and batch norm, then downsampling. After
      linear maps alone, a low-pass removes everything above the cut-off. A
      ReLU first turns some of it into slow changes of level, which pass.

    Args:
        channels: output channels of both convolutions.
        strides: (time, frequency). For DiffStride the initial strides.
        downsampling: "strided_conv" (the stride of the convolution),
            "spectral", "diffstride", "max_pool" or "average_pool".
        diffstride: further arguments of `DiffStride`, as a dict.
        downsampling_position: one of the three positions above.
        batch_norm_momentum: of the moving statistics. 0.99 lags behind in
            runs of a few hundred steps, 0.9 does not.
        **kwargs: for `keras.layers.Layer`.

    Call arguments:
        x: features.
        size: (frames, bands) of `x` at the initial strides of all blocks
            before this one. It decides the order of the computation. None is
            the shape of `x`, as far as it is known.

    Input shape:
        (batch, frames, bands, channels).

    Output shape:
        The same, downsampled; see `output_size`.

    Raises:
        ValueError: for an unknown `downsampling`, fractional strides with a
            method that needs whole ones, or a `downsampling_position` that
            the method cannot have.

    Example:
    >>> TimeFrequencyBlock(8).output_size((100, 64))
    (58, 40)
    >>> block = TimeFrequencyBlock(8, downsampling="strided_conv")
    >>> block.output_size((101, 64))
    (51, 32)
    """

    def __init__(
        self,
        channels: int,
        strides: Sequence[float] = (2.0, 2.0),
        downsampling: str = "diffstride",
        diffstride: dict[str, Any] | None = None,
        downsampling_position: str = "after_convolution",
        batch_norm_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(strides, downsampling, diffstride, **kwargs)
        if downsampling_position not in positions(downsampling):
            raise ValueError(
                f"`downsampling_position` of {downsampling!r} is "
                f"{' or '.join(positions(downsampling))}. Received: "
                f"{downsampling_position!r}"
            )
        self.channels = channels
        self.downsampling_position = downsampling_position
        self.batch_norm_momentum = batch_norm_momentum
        self.convolutions = [self._convolution(axis) for axis in (0, 1)]
        self.norms = [
            keras.layers.BatchNormalization(
                momentum=batch_norm_momentum,
                dtype=self.dtype_policy,
                name=f"{name}_norm",
            )
            for name in AXES
        ]

    def _convolution(self, axis: int) -> keras.layers.Conv2D:
        return keras.layers.Conv2D(
            self.channels,
            self._along(axis, TAPS),
            strides=self._along(axis, self.convolution_strides[axis]),
            padding="same",
            data_format="channels_last",
            dtype=self.dtype_policy,
            name=f"{AXES[axis]}_convolution",
        )

    def call(
        self,
        x: Tensor,
        training: bool | None = None,
        size: Sequence[int | None] | None = None,
    ) -> Tensor:
        resample_first = self.resamples_first(size or x.shape[1:3], x.shape[-1])
        sizes = ops.shape(x)[1:3]  # time leaves the bands as they are
        for axis in (0, 1):
            if self.downsampling_position == "before_convolution":
                x = self.convolutions[axis](self.downsample(x, axis))
            elif self.downsampling_position == "after_convolution":
                x = self._convolve_and_downsample(
                    x, axis, sizes[axis], resample_first[axis]
                )
            else:
                x = self.convolutions[axis](x)
            x = self.norms[axis](ops.relu(x), training=training)
            if self.downsampling_position == "after_relu":
                x = self.downsample(x, axis)
        return x

    def resamples_first(
        self, size: Sequence[int | None], channels: int
    ) -> tuple[bool, bool]:
        """Whether resampling first costs less, along time and frequency.

        The initial strides decide. So a run computes in one order throughout,
        also after an interruption.

        Args:
            size: (frames, bands) at the input. If one is None, the
                convolution comes first.
            channels: at the input.
        """
        known = [n for n in size if n is not None]
        if not self.can_resample_first or len(known) < len(size):
            return (False, False)
        along_time, along_frequency = (
            multiply_adds(before, after, channels_in, self.channels, TAPS)
            for before, after, channels_in in zip(
                known,
                self.initial_output_size(known),
                (channels, self.channels),
            )
        )
        return (
            sum(along_time[1]) < sum(along_time[0]),
            sum(along_frequency[1]) < sum(along_frequency[0]),
        )

    @property
    def can_resample_first(self) -> bool:
        """Whether one matrix resamples the output of each convolution."""
        return (
            self.downsampling_position == "after_convolution"
            and self.resampling is not None
            and not self.resampling.has_two_matrices
        )

    def _convolve_and_downsample(
        self, x: Tensor, axis: int, size: Size, resample_first: bool
    ) -> Tensor:
        convolution = self.convolutions[axis]
        if not self.can_resample_first:
            return self.downsample(convolution(x), axis)
        matrix = self.resampling.matrix(size, axis)
        if matrix is None:
            return convolution(x)
        x = convolve_and_resample(
            x, convolution.kernel, matrix, axis + 1, resample_first
        )
        # The bias can come last, because resampling keeps constants.
        return x + ops.cast(convolution.bias, x.dtype)

    def build(self, input_shape: Shape) -> None:
        shape = tuple(input_shape)
        if self.resampling is not None:
            self.resampling.build((*shape[:3], self.channels))
        for axis in (0, 1):
            self.convolutions[axis].build(shape)
            shape = (shape[0], None, None, self.channels)
            self.norms[axis].build(shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *sizes, _ = input_shape
        return (batch, *self._new_sizes(sizes), self.channels)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "channels": self.channels,
            "downsampling_position": self.downsampling_position,
            "batch_norm_momentum": self.batch_norm_momentum,
        }
