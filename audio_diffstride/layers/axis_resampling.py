"""What DiffStride and spectral pooling share: one matrix along each axis."""

from __future__ import annotations

import abc
import math
import numbers

import keras
from keras import ops

from audio_diffstride.layers.axis_products import apply_along_axis


class AxisResampling(keras.layers.Layer):
    """Base of the layers that downsample each spatial axis by a matrix.

    A subclass says which matrix and which size (`_size`) an axis gets; this
    class knows which axes those are.

    Args:
        strides: a number, or one number per spatial axis.
        data_format: "channels_last" or "channels_first"; None takes the
            Keras default.
        **kwargs: for `keras.layers.Layer`.

    Call arguments:
        x: features of any spatial rank.
        axes: the axes to downsample, numbered as in a channels-last input
            (1 is the first spatial axis) whatever the data format; None, the
            default, is all of them.
    """

    def __init__(self, strides=2.0, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.initial_strides = _checked_strides(strides)
        self.strides = self.initial_strides
        self.data_format = data_format or keras.config.image_data_format()
        if self.data_format not in ("channels_last", "channels_first"):
            raise ValueError(
                "`data_format` must be 'channels_last' or 'channels_first'. "
                f"Received: data_format={data_format!r}"
            )

    def _strides_per_axis(self, rank: int) -> tuple[float, ...]:
        """The initial stride of each spatial axis, or a ValueError."""
        if isinstance(self.initial_strides, float):
            return (self.initial_strides,) * rank
        if len(self.initial_strides) != rank:
            raise ValueError(
                "`strides` must be a number or one number per spatial axis. "
                f"Received: strides={self.initial_strides} for an input with "
                f"{rank} spatial axes"
            )
        return self.initial_strides

    @abc.abstractmethod
    def matrix(self, size, spatial_axis: int):
        """The matrix that an axis is multiplied by.

        Args:
            size: N, an integer or a scalar integer tensor.
            spatial_axis: from 0.

        Returns:
            Shape (M, N), at least float32; None if the axis stays as it is.
        """

    @abc.abstractmethod
    def _size(self, size: int, spatial_axis: int) -> int:
        """M, the length that an axis of N = `size` samples gets now."""

    @abc.abstractmethod
    def _size_when_built(self, size: int, spatial_axis: int) -> int | None:
        """M where it can never change, else None."""

    def call(self, x, axes=None):
        for spatial_axis in self._spatial_axes(axes, len(x.shape) - 2):
            axis = self._first_spatial_axis + spatial_axis
            matrix = self.matrix(ops.shape(x)[axis], spatial_axis)
            if matrix is not None:
                x = apply_along_axis(matrix, x, axis)
        return x

    @property
    def _first_spatial_axis(self) -> int:
        return 1 if self.data_format == "channels_last" else 2

    def _spatial_axes(self, axes, rank: int) -> list[int]:
        """Spatial axes counted from 0, for the `axes` argument of `call`."""
        if axes is None:
            return list(range(rank))
        axes = [axes] if isinstance(axes, numbers.Integral) else list(axes)
        is_spatial = [axis in range(1, rank + 1) for axis in axes]
        if len(set(axes)) < len(axes) or not all(is_spatial):
            raise ValueError(
                f"`axes` must be different numbers from 1 to {rank}, counted "
                f"as in a channels-last input. Received: axes={tuple(axes)}"
            )
        return [axis - 1 for axis in axes]

    def output_size(self, input_size) -> tuple[int, ...]:
        """The sizes that spatial axes of `input_size` come out with, now.

        Args:
            input_size: one integer per spatial axis.

        Returns:
            One integer per spatial axis, for the current strides.
        """
        if not self.built:
            self.build((None, *input_size, None))
            self.built = True
        return tuple(
            self._size(int(size), spatial_axis)
            for spatial_axis, size in enumerate(input_size)
        )

    def compute_output_shape(self, input_shape, axes=None):
        shape = list(input_shape)
        for spatial_axis in self._spatial_axes(axes, len(shape) - 2):
            axis = self._first_spatial_axis + spatial_axis
            if shape[axis] is not None:
                shape[axis] = self._size_when_built(shape[axis], spatial_axis)
        return tuple(shape)

    def compute_output_spec(self, x, axes=None):
        shape = self.compute_output_shape(x.shape, axes)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "strides": self.initial_strides,
            "data_format": self.data_format,
        }


def _checked_strides(strides):
    """A float or a tuple of floats, every one finite and at least 1."""
    several = isinstance(strides, (list, tuple))
    try:
        values = tuple(float(s) for s in (strides if several else [strides]))
    except (TypeError, ValueError):
        values = ()
    if not values or not all(math.isfinite(s) and s >= 1 for s in values):
        raise ValueError(
            "`strides` must be a finite number >= 1, or one such number per "
            f"spatial axis. Received: strides={strides!r}"
        )
    return values if several else values[0]
