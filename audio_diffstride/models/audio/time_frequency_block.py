"""One block of the audio network: along time, then along frequency."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.config.architectures import positions
from audio_diffstride.layers import PerExampleDiffStride
from audio_diffstride.layers.axis_products import (
    TAPS,
    convolve_and_resample,
    multiply_adds,
)
from audio_diffstride.models.downsampler import DownsamplerBase

AXES = ("time", "frequency")


@keras.saving.register_keras_serializable(package="audio_diffstride")
class TimeFrequencyBlock(DownsamplerBase):
    """Convolution, downsampling, ReLU and batch norm; in time, in frequency.

    First a (3 x 1) convolution along time, downsampled in time; then a
    (1 x 3) convolution along frequency, downsampled in frequency, which
    already works on the shorter time axis. One DiffStride owns the pair of
    strides.

    That is the paper's order, "after_convolution". Two others have the same
    weights and compute something else:

    - "before_convolution": an axis is downsampled, then convolved, at the cost
      of a strided convolution. Taps that stand a stride apart reach further,
      and shape all of the band that is kept, where three neighbouring ones
      hardly tell its frequencies apart.
    - "after_relu": convolution, ReLU and batch norm, then downsampling. With
      nothing but linear maps before it, a low-pass removes what is beyond the
      cut-off for good; a ReLU first turns some of it into slow changes of
      level, which pass.

    Args:
        channels: output channels of both convolutions.
        strides: (time, frequency); for DiffStride, where learning starts.
        downsampling: "strided_conv" (the convolution's own stride),
            "spectral", "diffstride", "max_pool" or "average_pool".
        diffstride: further arguments of `DiffStride`, as a dict.
        downsampling_position: one of the three above.
        batch_norm_momentum: of the moving statistics; 0.99 lags behind in
            runs of a few hundred steps, 0.9 does not.
        **kwargs: for `keras.layers.Layer`.

    Call arguments:
        x: features.
        size: (frames, bands) of `x` at the initial strides of the blocks
            before, to plan by; None is the shape of `x`, as far as known.

    Input shape:
        (batch, frames, bands, channels).

    Output shape:
        The same, downsampled; see `output_size`.

    Raises:
        ValueError: for an unknown `downsampling`, or fractional strides
            where only whole ones exist, or a `downsampling_position` that
            this `downsampling` cannot have.

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
        strides=(2.0, 2.0),
        downsampling: str = "diffstride",
        diffstride: dict | None = None,
        downsampling_position: str = "after_convolution",
        batch_norm_momentum: float = 0.99,
        **kwargs,
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

    def _convolution(self, axis: int):
        return keras.layers.Conv2D(
            self.channels,
            self._along(axis, TAPS),
            strides=self._along(axis, self.convolution_strides[axis]),
            padding="same",
            data_format="channels_last",
            dtype=self.dtype_policy,
            name=f"{AXES[axis]}_convolution",
        )

    def call(self, x, training=None, size=None):
        resample_first = self.orders(size or x.shape[1:3], x.shape[-1])
        for axis in (0, 1):
            if self.downsampling_position == "before_convolution":
                x = self.convolutions[axis](self.downsample(x, axis))
            elif self.downsampling_position == "after_convolution":
                x = self._convolve_and_downsample(x, axis, resample_first[axis])
            else:
                x = self.convolutions[axis](x)
            x = self.norms[axis](ops.relu(x), training=training)
            if self.downsampling_position == "after_relu":
                x = self.downsample(x, axis)
        return x

    def orders(self, size, channels: int) -> tuple[bool, bool]:
        """Along time and frequency: whether resampling first costs less.

        Decided at the initial strides, so that a run, and one that goes on
        after an interruption, computes in one order throughout.

        Args:
            size: (frames, bands) at the input; where one is None, the
                convolution comes first.
            channels: at the input.
        """
        if self._is_apart or None in size:
            return (False, False)
        costs = [
            multiply_adds(*sizes, channels_in, self.channels, TAPS)
            for *sizes, channels_in in zip(
                size, self.first_output_size(size), (channels, self.channels)
            )
        ]
        return tuple(
            sum(resample_first) < sum(convolve_first)
            for convolve_first, resample_first in costs
        )

    @property
    def _is_apart(self) -> bool:
        """Whether no one matrix could be multiplied with the convolution."""
        return (
            self.downsampling_position != "after_convolution"
            or self.resampling is None
            or isinstance(self.resampling, PerExampleDiffStride)
        )

    def _convolve_and_downsample(self, x, axis: int, resample_first: bool):
        convolution = self.convolutions[axis]
        if self._is_apart:
            return self.downsample(convolution(x), axis)
        matrix = self.resampling.matrix(ops.shape(x)[axis + 1], axis)
        if matrix is None:
            return convolution(x)
        x = convolve_and_resample(
            x, convolution.kernel, matrix, axis + 1, resample_first
        )
        # A resampling keeps constants, so the bias may come last.
        return x + ops.cast(convolution.bias, x.dtype)

    def build(self, input_shape):
        shape = tuple(input_shape)
        if self.resampling is not None:
            self.resampling.build((*shape[:3], self.channels))
        for axis in (0, 1):
            self.convolutions[axis].build(shape)
            shape = (shape[0], None, None, self.channels)
            self.norms[axis].build(shape)

    def compute_output_shape(self, input_shape):
        batch, *sizes, _ = input_shape
        return (batch, *self._new_sizes(sizes), self.channels)

    def get_config(self):
        return {
            **super().get_config(),
            "channels": self.channels,
            "downsampling_position": self.downsampling_position,
            "batch_norm_momentum": self.batch_norm_momentum,
        }
