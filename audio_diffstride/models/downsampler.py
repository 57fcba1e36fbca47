"""A place of a network where features are downsampled, by any of the arms."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from audio_diffstride.config.architectures import DOWNSAMPLING
from audio_diffstride.layers import (
    DiffStride,
    PerExampleDiffStride,
    SpectralPooling,
)

_OF_THE_MASK = ("smoothness_factor", "transition_band", "smoothness_percent")
_POOLINGS = {
    "max_pool": (
        keras.layers.MaxPooling1D,
        keras.layers.MaxPooling2D,
        keras.layers.MaxPooling3D,
    ),
    "average_pool": (
        keras.layers.AveragePooling1D,
        keras.layers.AveragePooling2D,
        keras.layers.AveragePooling3D,
    ),
}


class DownsamplerBase(keras.layers.Layer):
    """Base of what downsamples: its strides, its sizes and how it is done.

    The arms of a comparison are its values of `downsampling`. What a
    convolution's own stride does is up to the network, which asks
    `convolution_strides`; everything else is done by `downsample`.

    Args:
        strides: one per spatial axis, 1 to 3 axes; for DiffStride, where
            learning starts.
        downsampling: "strided_conv" (the convolution's own stride),
            "spectral", "diffstride", "diffstride_per_example", "max_pool" or
            "average_pool".
        diffstride: further arguments of `DiffStride`, as a dict; of those,
            `PerExampleDiffStride` is given what it has.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        resampling: the `DiffStride`, `PerExampleDiffStride` or
            `SpectralPooling`, or None.

    Raises:
        ValueError: for an unknown `downsampling`, or fractional strides
            where only whole ones exist.
    """

    def __init__(
        self,
        strides=(2.0, 2.0),
        downsampling: str = "diffstride",
        diffstride: dict | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if downsampling not in DOWNSAMPLING:
            raise ValueError(
                f"`downsampling` must be one of {', '.join(DOWNSAMPLING)}. "
                f"Received: downsampling={downsampling!r}"
            )
        self.initial_strides = tuple(float(s) for s in strides)
        self.downsampling = downsampling
        self.diffstride = dict(diffstride or {})
        self.resampling = None
        common = {"data_format": "channels_last", "dtype": self.dtype_policy}
        if downsampling == "diffstride":
            self.resampling = DiffStride(
                self.initial_strides,
                **self.diffstride,
                **common,
                name="diffstride",
            )
        elif downsampling == "diffstride_per_example":
            self.resampling = PerExampleDiffStride(
                self.initial_strides,
                **{
                    name: value
                    for name, value in self.diffstride.items()
                    if name in _OF_THE_MASK
                },
                **common,
                name="per_example_diffstride",
            )
        elif downsampling == "spectral":
            self.resampling = SpectralPooling(
                self.initial_strides, **common, name="spectral_pooling"
            )
        elif any(stride % 1 for stride in self.initial_strides):
            raise ValueError(
                f"`strides` must be whole for downsampling={downsampling!r}. "
                f"Received: strides={self.initial_strides}"
            )
        self.poolings = [None] * self.rank
        if downsampling in _POOLINGS:
            pooling = _POOLINGS[downsampling][self.rank - 1]
            self.poolings = [
                pooling(self._along(axis, stride), padding="same", **common)
                for axis, stride in enumerate(self.initial_strides)
            ]

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.initial_strides)

    def _along(self, axis: int, size) -> tuple[int, ...]:
        """`size` along one axis and 1 along the others."""
        return tuple(int(size) if i == axis else 1 for i in range(self.rank))

    @property
    def convolution_strides(self) -> tuple[int, ...]:
        """The strides that a convolution itself is to have here."""
        strided = self.downsampling == "strided_conv"
        return tuple(int(s) if strided else 1 for s in self.initial_strides)

    def downsample(self, x, axis: int):
        """The downsampling of one axis alone, of whatever is no convolution.

        Args:
            x: features.
            axis: the spatial axis, from 0.
        """
        if self.resampling is not None:
            return self.resampling(x, axes=(axis + 1,))
        pooling = self.poolings[axis]
        return x if pooling is None else pooling(x)

    @property
    def strides(self):
        """One per axis as a tensor: learned, or as they were given."""
        if isinstance(self.resampling, (DiffStride, PerExampleDiffStride)):
            return ops.broadcast_to(self.resampling.strides, (self.rank,))
        return ops.convert_to_tensor(self.initial_strides, "float32")

    def output_size(self, input_size) -> tuple[int, ...]:
        """The sizes that axes of `input_size` come out with, now."""
        if self.resampling is not None:
            return self.resampling.output_size(input_size)
        sizes = np.ceil(np.divide(input_size, self.initial_strides))
        return tuple(int(size) for size in sizes)

    def first_output_size(self, input_size) -> tuple[int, ...]:
        """What `output_size` was at the initial strides."""
        if isinstance(self.resampling, DiffStride):
            return self.resampling.first_output_size(input_size)
        return self.output_size(input_size)

    def _new_sizes(self, sizes) -> tuple[int | None, ...]:
        """The sizes of a Keras graph; None where they may move."""
        if self.resampling is not None:
            shape = self.resampling.compute_output_shape((None, *sizes, 1))
            return tuple(shape[1:-1])
        return tuple(
            size if size is None else -int(-size // stride)
            for size, stride in zip(sizes, self.initial_strides)
        )

    def get_config(self):
        return {
            **super().get_config(),
            "strides": self.initial_strides,
            "downsampling": self.downsampling,
            "diffstride": self.diffstride,
        }


@keras.saving.register_keras_serializable(package="audio_diffstride")
class Downsample(DownsamplerBase):
    """All axes downsampled at once, after a convolution that may be strided.

    One such layer may serve several branches, which then have one pair of
    strides and come out with equal sizes.

    Input shape:
        (batch, size_1, ..., size_rank, channels).

    Output shape:
        The same, downsampled; where the convolution before does it
        ("strided_conv"), as it comes.

    Example:
    >>> x = keras.random.normal((8, 32, 32, 16))
    >>> tuple(Downsample((2, 2))(x).shape)
    (8, 24, 24, 16)
    """

    def build(self, input_shape):
        if self.resampling is not None and not self.resampling.built:
            self.resampling.build(input_shape)

    def call(self, x):
        if self.resampling is not None:
            return self.resampling(x)
        for axis in range(self.rank):
            x = self.downsample(x, axis)
        return x

    def compute_output_shape(self, input_shape):
        batch, *sizes, channels = input_shape
        if self.downsampling == "strided_conv":
            return tuple(input_shape)
        return (batch, *self._new_sizes(sizes), channels)

    def compute_output_spec(self, x):
        shape = self.compute_output_shape(x.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)
