"""One block of the audio network: along time, then along frequency."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from audio_diffstride.axis_products import (
    TAPS,
    convolve_and_resample,
    multiply_adds,
)
from audio_diffstride.layers import DiffStride, SpectralPooling

DOWNSAMPLING = (
    "strided_conv",
    "spectral",
    "diffstride",
    "max_pool",
    "average_pool",
)
AXES = ("time", "frequency")


@keras.saving.register_keras_serializable(package="audio_diffstride")
class TimeFrequencyBlock(keras.layers.Layer):
    """Convolution, downsampling, ReLU and batch norm; in time, in frequency.

    First a (3 x 1) convolution along time, downsampled in time; then a
    (1 x 3) convolution along frequency, downsampled in frequency, which
    already works on the shorter time axis. One DiffStride owns the pair of
    strides.

    Args:
        channels: output channels of both convolutions.
        strides: (time, frequency); for DiffStride, where learning starts.
        downsampling: "strided_conv" (the convolution's own stride),
            "spectral", "diffstride", "max_pool" or "average_pool".
        diffstride: further arguments of `DiffStride`, as a dict.
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
            where only whole ones exist.
    """

    def __init__(
        self,
        channels: int,
        strides=(2.0, 2.0),
        downsampling: str = "diffstride",
        diffstride: dict | None = None,
        batch_norm_momentum: float = 0.99,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if downsampling not in DOWNSAMPLING:
            raise ValueError(
                f"`downsampling` must be one of {', '.join(DOWNSAMPLING)}. "
                f"Received: downsampling={downsampling!r}"
            )
        self.channels = channels
        self.initial_strides = tuple(float(s) for s in strides)
        self.downsampling = downsampling
        self.diffstride = dict(diffstride or {})
        self.batch_norm_momentum = batch_norm_momentum

        self.resampling = None
        if downsampling == "diffstride":
            self.resampling = DiffStride(
                self.initial_strides,
                **self.diffstride,
                data_format="channels_last",
                dtype=self.dtype_policy,
                name="diffstride",
            )
        elif downsampling == "spectral":
            self.resampling = SpectralPooling(
                self.initial_strides,
                data_format="channels_last",
                dtype=self.dtype_policy,
                name="spectral_pooling",
            )
        elif any(stride % 1 for stride in self.initial_strides):
            raise ValueError(
                f"`strides` must be whole for downsampling={downsampling!r}. "
                f"Received: strides={self.initial_strides}"
            )
        self.convolutions = [self._convolution(axis) for axis in (0, 1)]
        self.poolings = [self._pooling(axis) for axis in (0, 1)]
        self.norms = [
            keras.layers.BatchNormalization(
                momentum=batch_norm_momentum,
                dtype=self.dtype_policy,
                name=f"{name}_norm",
            )
            for name in AXES
        ]

    def _along(self, axis: int, size) -> tuple[int, int]:
        """`size` along one axis and 1 along the other."""
        return (int(size), 1) if axis == 0 else (1, int(size))

    def _convolution(self, axis: int):
        strided = self.downsampling == "strided_conv"
        stride = self.initial_strides[axis] if strided else 1
        return keras.layers.Conv2D(
            self.channels,
            self._along(axis, TAPS),
            strides=self._along(axis, stride),
            padding="same",
            data_format="channels_last",
            dtype=self.dtype_policy,
            name=f"{AXES[axis]}_convolution",
        )

    def _pooling(self, axis: int):
        kinds = {
            "max_pool": keras.layers.MaxPooling2D,
            "average_pool": keras.layers.AveragePooling2D,
        }
        if self.downsampling not in kinds:
            return None
        return kinds[self.downsampling](
            self._along(axis, self.initial_strides[axis]),
            padding="same",
            data_format="channels_last",
            dtype=self.dtype_policy,
            name=f"{AXES[axis]}_pooling",
        )

    def call(self, x, training=None, size=None):
        resample_first = self.orders(size or x.shape[1:3], x.shape[-1])
        for axis in (0, 1):
            x = self._convolve_and_downsample(x, axis, resample_first[axis])
            x = ops.relu(x)
            x = self.norms[axis](x, training=training)
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
        if self.resampling is None or None in size:
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

    def downsample(self, x, axis: int):
        """The downsampling of one axis alone, of whatever is no convolution."""
        if self.resampling is not None:
            return self.resampling(x, axes=(axis + 1,))
        pooling = self.poolings[axis]
        return x if pooling is None else pooling(x)

    def _convolve_and_downsample(self, x, axis: int, resample_first: bool):
        convolution = self.convolutions[axis]
        if self.resampling is None:
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

    @property
    def strides(self):
        """(time, frequency) as a tensor: learned, or as they were given."""
        if isinstance(self.resampling, DiffStride):
            return ops.broadcast_to(self.resampling.strides, (2,))
        return ops.convert_to_tensor(self.initial_strides, "float32")

    def output_size(self, input_size) -> tuple[int, int]:
        """The (frames, bands) that (frames, bands) come out with, now.

        >>> TimeFrequencyBlock(8).output_size((100, 64))
        (58, 40)
        >>> block = TimeFrequencyBlock(8, downsampling="strided_conv")
        >>> block.output_size((101, 64))
        (51, 32)
        """
        if self.resampling is not None:
            return self.resampling.output_size(input_size)
        sizes = np.ceil(np.divide(input_size, self.initial_strides))
        return tuple(int(size) for size in sizes)

    def first_output_size(self, input_size) -> tuple[int, int]:
        """What `output_size` was at the initial strides."""
        if isinstance(self.resampling, DiffStride):
            return self.resampling.first_output_size(input_size)
        return self.output_size(input_size)

    def compute_output_shape(self, input_shape):
        batch, frames, bands, _ = input_shape
        if self.resampling is not None:
            shape = self.resampling.compute_output_shape(input_shape)
            return (*shape[:3], self.channels)
        sizes = [
            size if size is None else -int(-size // stride)
            for size, stride in zip((frames, bands), self.initial_strides)
        ]
        return (batch, *sizes, self.channels)

    def get_config(self):
        return {
            **super().get_config(),
            "channels": self.channels,
            "strides": self.initial_strides,
            "downsampling": self.downsampling,
            "diffstride": self.diffstride,
            "batch_norm_momentum": self.batch_norm_momentum,
        }
