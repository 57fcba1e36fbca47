"""The downsampling layers of networks, for every arm of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from audio_diffstride.config.architectures import DOWNSAMPLING
from audio_diffstride.layers import DiffStride, SpectralPooling
from audio_diffstride.layers.types import Shape, Tensor

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
    """Base of everything that downsamples, by one of several methods.

    The arms of a comparison differ in the method, `downsampling`. With
    "strided_conv" the network itself sets the stride of its convolution, to
    `convolution_strides`. All other methods are applied by `downsample`.

    Args:
        strides: one per spatial axis, 1 to 3 axes. For DiffStride these are
            the initial strides.
        downsampling: "strided_conv" (the stride of the convolution),
            "spectral", "diffstride", "max_pool" or "average_pool".
        diffstride: further arguments of `DiffStride`, as a dict.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        resampling: the `DiffStride` or `SpectralPooling` layer, or None.

    Raises:
        ValueError: for an unknown `downsampling`, or fractional strides with
            a method that needs whole ones.
    """

    def __init__(
        self,
        strides: Sequence[float] = (2.0, 2.0),
        downsampling: str = "diffstride",
        diffstride: dict[str, Any] | None = None,
        **kwargs: Any,
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
        self.resampling: Any = self.make_resampling()
        is_whole = all(stride % 1 == 0 for stride in self.initial_strides)
        if self.resampling is None and not is_whole:
            raise ValueError(
                f"`strides` must be whole for downsampling={downsampling!r}. "
                f"Received: strides={self.initial_strides}"
            )
        self.poolings = [None] * self.rank
        if downsampling in _POOLINGS:
            pooling = _POOLINGS[downsampling][self.rank - 1]
            self.poolings = [
                pooling(
                    self._along(axis, stride),
                    padding="same",
                    **self._common_kwargs,
                )
                for axis, stride in enumerate(self.initial_strides)
            ]

    def make_resampling(self) -> Any:
        """Makes the layer that resamples; None if there is none.

        A subclass can override this to plug in a layer of its own.
        """
        if self.downsampling == "diffstride":
            return DiffStride(
                self.initial_strides,
                **self.diffstride,
                **self._common_kwargs,
                name="diffstride",
            )
        if self.downsampling == "spectral":
            return SpectralPooling(
                self.initial_strides,
                **self._common_kwargs,
                name="spectral_pooling",
            )
        return None

    @property
    def _common_kwargs(self) -> dict[str, Any]:
        return {"data_format": "channels_last", "dtype": self.dtype_policy}

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.initial_strides)

    def _along(self, axis: int, size: float) -> tuple[int, ...]:
        """`size` along one axis, and 1 along the others."""
        return tuple(int(size) if i == axis else 1 for i in range(self.rank))

    @property
    def convolution_strides(self) -> tuple[int, ...]:
        """The strides that the convolution itself must have."""
        strided = self.downsampling == "strided_conv"
        return tuple(int(s) if strided else 1 for s in self.initial_strides)

    def downsample(self, x: Tensor, axis: int) -> Tensor:
        """Downsamples one axis, unless the convolution did so already.

        Args:
            x: features.
            axis: the spatial axis, from 0.
        """
        if self.resampling is not None:
            return self.resampling(x, axes=(axis + 1,))
        pooling = self.poolings[axis]
        return x if pooling is None else pooling(x)

    @property
    def strides(self) -> Tensor:
        """The current strides, one per axis: learned or fixed."""
        if isinstance(self.resampling, DiffStride):
            return ops.broadcast_to(self.resampling.strides, (self.rank,))
        return ops.convert_to_tensor(self.initial_strides, "float32")

    def output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The output sizes of the spatial axes at the current strides."""
        if self.resampling is not None:
            return self.resampling.output_size(input_size)
        sizes = np.ceil(np.divide(input_size, self.initial_strides))
        return tuple(int(size) for size in sizes)

    def initial_output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The `output_size` at the initial strides."""
        if isinstance(self.resampling, DiffStride):
            return self.resampling.initial_output_size(input_size)
        return self.output_size(input_size)

    def _new_sizes(self, sizes: Sequence[int | None]) -> Shape:
        """The output sizes in a Keras graph. None if a size can change."""
        if self.resampling is not None:
            shape = self.resampling.compute_output_shape((None, *sizes, 1))
            return tuple(shape[1:-1])
        return tuple(
            size if size is None else -int(-size // stride)
            for size, stride in zip(sizes, self.initial_strides)
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "strides": self.initial_strides,
            "downsampling": self.downsampling,
            "diffstride": self.diffstride,
        }


# The class keeps this name. Keras makes paths of weights from it: the files of
# waveform networks have the strides under "encoder/downsamplers/downsample".
@keras.saving.register_keras_serializable(package="audio_diffstride")
class Downsample(DownsamplerBase):
    """Downsamples all axes together, after a convolution.

    Several branches can share one such layer. They then have the same strides
    and equal output sizes.

    Input shape:
        (batch, size_1, ..., size_rank, channels).

    Output shape:
        The same, downsampled. With "strided_conv" the convolution has already
        downsampled, and the input does not change.

    Example:
    >>> x = keras.random.normal((8, 32, 32, 16))
    >>> tuple(Downsample((2, 2))(x).shape)
    (8, 24, 24, 16)
    """

    def build(self, input_shape: Shape) -> None:
        if self.resampling is not None and not self.resampling.built:
            self.resampling.build(input_shape)

    def call(self, x: Tensor) -> Tensor:
        if self.resampling is not None:
            return self.resampling(x)
        for axis in range(self.rank):
            x = self.downsample(x, axis)
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *sizes, channels = input_shape
        if self.downsampling == "strided_conv":
            return tuple(input_shape)
        return (batch, *self._new_sizes(sizes), channels)

    def compute_output_spec(self, x: Tensor) -> keras.KerasTensor:
        shape = self.compute_output_shape(x.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)
