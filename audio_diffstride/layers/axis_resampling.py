"""The base of DiffStride and spectral pooling: one matrix along each axis."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.arguments import checked_strides
from audio_diffstride.layers.axis_products import apply_along_axis
from audio_diffstride.layers.types import Shape, Size, Tensor


class AxisResampling(keras.layers.Layer):
    """Base of the layers that downsample each spatial axis by a matrix.

    This class finds the axes and applies the matrices. A subclass defines
    the `matrix` of an axis and its new size, `_size`.

    Args:
        strides: a number, or one number per spatial axis.
        data_format: "channels_last" or "channels_first". None takes the
            Keras default.
        **kwargs: for `keras.layers.Layer`.

    Call arguments:
        x: features of any spatial rank.
        axes: the axes to downsample. They are numbered as in a channels-last
            input, whatever the data format: 1 is the first spatial axis.
            None, the default, is all spatial axes.
    """

    built: bool
    has_two_matrices = False  # one for each half of the channels

    def __init__(
        self,
        strides: float | Sequence[float] = 2.0,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.initial_strides = checked_strides(strides)
        self.strides: Any = self.initial_strides
        self.data_format = data_format or keras.config.image_data_format()
        if self.data_format not in ("channels_last", "channels_first"):
            raise ValueError(
                "`data_format` must be 'channels_last' or 'channels_first'. "
                f"Received: data_format={data_format!r}"
            )

    def _strides_per_axis(self, rank: int) -> tuple[float, ...]:
        """The initial stride of each of `rank` spatial axes."""
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
    def matrix(self, size: Size, spatial_axis: int) -> Tensor | None:
        """The matrix that multiplies an axis.

        Args:
            size: N, an integer or a scalar integer tensor.
            spatial_axis: from 0.

        Returns:
            Shape (M, N), at least float32. None if the axis does not change.
        """

    def folds(self, spatial_axis: int) -> bool:
        """Whether an axis folds, or may learn to. Only DiffStride can."""
        return False

    def folding_of(self, spatial_axis: int) -> Any:
        """The share of what the filter removes that is folded back."""
        return 0.0

    @abc.abstractmethod
    def _size(self, size: int, spatial_axis: int) -> int:
        """M, the current output length for an axis of N = `size` samples."""

    @abc.abstractmethod
    def _size_when_built(self, size: int, spatial_axis: int) -> int | None:
        """M if it can never change, else None."""

    def call(
        self, x: Tensor, axes: int | Iterable[int] | None = None
    ) -> Tensor:
        return self._resample(x, axes, self.matrix)

    def _resample(
        self,
        x: Tensor,
        axes: int | Iterable[int] | None,
        matrix_of: Callable[[Size, int], Tensor | None],
    ) -> Tensor:
        """Applies the matrices that `matrix_of` makes, as `matrix` does."""
        for spatial_axis in self._spatial_axes(axes, len(x.shape) - 2):
            axis = self._first_spatial_axis + spatial_axis
            matrix = matrix_of(ops.shape(x)[axis], spatial_axis)
            if matrix is not None:
                x = apply_along_axis(matrix, x, axis)
        return x

    @property
    def _first_spatial_axis(self) -> int:
        return 1 if self.data_format == "channels_last" else 2

    def _spatial_axes(
        self, axes: int | Iterable[int] | None, rank: int
    ) -> list[int]:
        """The `axes` argument of `call` as spatial axes counted from 0."""
        if axes is None:
            return list(range(rank))
        chosen = list(axes) if isinstance(axes, Iterable) else [axes]
        is_spatial = [axis in range(1, rank + 1) for axis in chosen]
        if len(set(chosen)) < len(chosen) or not all(is_spatial):
            raise ValueError(
                f"`axes` must be different numbers from 1 to {rank}, counted "
                f"as in a channels-last input. Received: axes={tuple(chosen)}"
            )
        return [axis - 1 for axis in chosen]

    def output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The output sizes of the spatial axes at the current strides.

        Args:
            input_size: one integer per spatial axis.

        Returns:
            One integer per spatial axis.
        """
        if not self.built:
            self.build((None, *input_size, None))
            self.built = True
        return tuple(
            self._size(int(size), spatial_axis)
            for spatial_axis, size in enumerate(input_size)
        )

    def compute_output_shape(
        self, input_shape: Shape, axes: int | Iterable[int] | None = None
    ) -> Shape:
        shape = list(input_shape)
        for spatial_axis in self._spatial_axes(axes, len(shape) - 2):
            axis = self._first_spatial_axis + spatial_axis
            size = shape[axis]
            if size is not None:
                shape[axis] = self._size_when_built(size, spatial_axis)
        return tuple(shape)

    def compute_output_spec(
        self, x: Tensor, axes: int | Iterable[int] | None = None
    ) -> keras.KerasTensor:
        shape = self.compute_output_shape(x.shape, axes)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "strides": self.initial_strides,
            "data_format": self.data_format,
        }
