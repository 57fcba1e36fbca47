"""Spectral pooling: downsampling in the Fourier domain with fixed strides."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from audio_diffstride.layers import spectral
from audio_diffstride.layers.axis_resampling import AxisResampling
from audio_diffstride.layers.types import Shape, Size, Tensor


@keras.saving.register_keras_serializable(package="audio_diffstride")
class SpectralPooling(AxisResampling):
    """Downsampling layer that keeps the lowest frequencies of each axis.

    The layer transforms an axis of N samples to the Fourier domain, keeps the
    bins up to M / 2, and transforms them back to M = floor(N / S) samples.
    This equals `scipy.signal.resample(x, M)`. A constant keeps its value.

    It is the paper's baseline with fixed strides. See `DiffStride` for learned
    strides.

    Args:
        strides: a number >= 1, or one per spatial axis. Need not be whole.
        data_format: "channels_last" or "channels_first". None takes the
            Keras default.
        **kwargs: for `keras.layers.Layer`.

    Call arguments:
        x: features.
        axes: the axes to downsample, numbered as in a channels-last input.
            None is every spatial axis.

    Input shape:
        (batch, size_1, ..., size_rank, channels), of any spatial rank, or
        (batch, channels, size_1, ..., size_rank).

    Output shape:
        The same, with floor(size / stride) along the downsampled axes.

    Raises:
        ValueError: for a stride below 1, or strides that do not match the
            spatial rank of the input.

    Example:
    >>> x = keras.random.normal((8, 100, 64, 16))
    >>> tuple(SpectralPooling(strides=(2.0, 1.6))(x).shape)
    (8, 50, 40, 16)

    References:
        Rippel et al., "Spectral representations for convolutional neural
        networks", 2015, https://arxiv.org/abs/1506.03767; Riad et al., 2022,
        https://arxiv.org/abs/2202.01653, section 2.2.
    """

    def build(self, input_shape: Shape) -> None:
        self.strides = self._strides_per_axis(len(input_shape) - 2)

    def effective_stride(self, size: Size, spatial_axis: int) -> float:
        """The stride applied to an axis: the argument `strides`."""
        if isinstance(self.strides, float):
            return self.strides
        return self.strides[spatial_axis]

    def _size(self, size: Size, spatial_axis: int) -> Any:
        return spectral.pooled_size(
            self.effective_stride(size, spatial_axis), size
        )

    def _size_when_built(self, size: int, spatial_axis: int) -> int:
        return self._size(size, spatial_axis)

    def matrix(self, size: Size, spatial_axis: int) -> Tensor:
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        keeps_all = ops.ones((size // 2 + 1,), dtype)
        pooled = self._size(size, spatial_axis)
        return spectral.resampling_matrix(keeps_all, size, pooled)

    def band_edges(
        self, size: int, spatial_axis: int
    ) -> tuple[float, float, float]:
        """The bins where the mask is 1, 1/2 and 0: here one hard edge."""
        edge = self._size(size, spatial_axis) / 2
        return edge, edge, edge
