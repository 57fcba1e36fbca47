"""A DiffStride layer that predicts its strides from each example."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers import DiffStride, spectral
from audio_diffstride.layers.types import Shape, Size, Tensor

# A predicted stride is at most this factor from the initial stride.
MAX_FACTOR = 4.0


@keras.saving.register_keras_serializable(package="examples")
class PerExampleDiffStride(DiffStride):
    """DiffStride with one cut-off per example.

    For each axis, a linear head on the mean of the features of an example
    predicts the stride:

        S = S_0 4^tanh(w . mean(x) + b),        w = b = 0 at the start

    The example is low-passed at N / (2 S) bins by the mask of `DiffStride`.
    All examples of a batch get the output size of S_0. An example with a
    larger stride is smoother than its size requires. An example with a
    smaller stride is cut at the Nyquist frequency of the size. So the layer
    learns the bandwidth, and the cost is that of S_0.

    Each example has its own matrix. Reports show a moving mean of the
    predicted strides, as batch norm has.

    Args:
        strides: S_0 >= 1. A number, or one per spatial axis.
        momentum: of the moving mean of the strides.
        **kwargs: for `DiffStride`: the transition band and `data_format`.

    Attributes:
        strides: the moving mean of the strides, per spatial axis.

    Input shape:
        (batch, size_1, ..., size_rank, channels), of any spatial rank.

    Output shape:
        The same, with `output_size` along the downsampled axes.

    References:
        Riad et al., 2022, https://arxiv.org/abs/2202.01653, section 4.

    Example:
    >>> x = keras.random.normal((8, 100, 64, 16))
    >>> tuple(PerExampleDiffStride(strides=2.0)(x).shape)
    (8, 58, 40, 16)
    """

    def __init__(
        self,
        strides: float | Sequence[float] = 2.0,
        momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(strides, **kwargs)
        self.supports_jit = True  # the output sizes never change
        self.momentum = momentum

    def build(self, input_shape: Shape) -> None:
        """Makes the weights of the head, and the moving mean."""
        rank = len(input_shape) - 2
        channel_axis = -1 if self.data_format == "channels_last" else 1
        common = {"dtype": "float32", "initializer": "zeros"}
        self.kernel = self.add_weight(
            name="kernel", shape=(input_shape[channel_axis], rank), **common
        )
        self.bias = self.add_weight(name="bias", shape=(rank,), **common)
        initial = self._strides_per_axis(rank)
        self.strides = self.add_weight(
            name="mean_strides",
            shape=(rank,),
            initializer=lambda shape, dtype: ops.convert_to_tensor(
                initial, dtype
            ),
            dtype="float32",
            trainable=False,
        )

    def predicted_strides(self, x: Tensor, spatial_axis: int) -> Tensor:
        """The stride of an axis for every example, of shape (batch,)."""
        first = self._first_spatial_axis
        spatial = range(first, first + len(x.shape) - 2)
        mean = ops.mean(ops.cast(x, "float32"), axis=tuple(spatial))
        weights = self.kernel[:, spatial_axis : spatial_axis + 1]
        score = ops.squeeze(ops.matmul(mean, weights), axis=1)
        score = score + self.bias[spatial_axis]
        initial = self._strides_per_axis(len(x.shape) - 2)[spatial_axis]
        strides = initial * ops.power(MAX_FACTOR, ops.tanh(score))
        return spectral.straight_through(ops.maximum(strides, 1.0), strides)

    def call(
        self,
        x: Tensor,
        axes: int | Iterable[int] | None = None,
        training: bool | None = None,
    ) -> Tensor:
        """Filters every example at its own stride."""
        for spatial_axis in self._spatial_axes(axes, len(x.shape) - 2):
            axis = self._first_spatial_axis + spatial_axis
            size = ops.shape(x)[axis]
            if isinstance(size, int) and size <= 2:
                continue
            strides = self.predicted_strides(x, spatial_axis)
            if training:
                self._update_mean(ops.mean(strides), spatial_axis)
            matrices = self._matrices(strides, size, spatial_axis)
            x = apply_per_example(matrices, x, axis)
        return x

    def _update_mean(self, mean: Tensor, spatial_axis: int) -> None:
        rank = self.strides.shape[0]
        here = ops.one_hot(spatial_axis, rank, dtype="float32")
        moved = (1 - self.momentum) * here * (mean - self.strides)
        self.strides.assign(self.strides + ops.stop_gradient(moved))

    def _matrices(
        self, strides: Tensor, size: Size, spatial_axis: int
    ) -> Tensor:
        """Shape (batch, M, N)."""
        band = (size, self.smoothness(size), self.transition_band)
        stride = spectral.effective_stride(strides[:, None], *band)
        mask = spectral.transition_mask(stride, *band)
        new_size = self._size(size, spatial_axis)
        return spectral.resampling_matrix(mask, size, new_size)

    def matrix(self, size: Size, spatial_axis: int) -> Tensor | None:
        """Not possible, because every example has its own matrix."""
        raise NotImplementedError(
            "PerExampleDiffStride has one matrix per example, so no single "
            "matrix replaces it. A model with it cannot be exported."
        )

    def _size(self, size: Size, spatial_axis: int) -> Any:
        initial = self._strides_per_axis(self.strides.shape[0])
        return self._size_at(initial, size, spatial_axis)

    def _size_when_built(self, size: int, spatial_axis: int) -> int | None:
        return self._size(size, spatial_axis) if self.built else None

    def get_config(self) -> dict[str, Any]:
        """The arguments of the layer."""
        return {**super().get_config(), "momentum": self.momentum}


def apply_per_example(matrices: Tensor, x: Tensor, axis: int) -> Tensor:
    """Multiplies one axis of every example by its own matrix.

    Args:
        matrices: shape (batch, M, N).
        x: any shape with N samples along `axis`.
        axis: from 1 to rank - 1.

    Returns:
        `x` with M samples along `axis`.
    """
    matrices = ops.cast(matrices, x.dtype)[:, None]
    shape = list(ops.shape(x))
    new_size, size = ops.shape(matrices)[2:]
    trailing = math.prod(shape[axis + 1 :])
    leading = math.prod(shape[1:axis])
    y = ops.matmul(matrices, ops.reshape(x, (-1, leading, size, trailing)))
    return ops.reshape(y, [*shape[:axis], new_size, *shape[axis + 1 :]])
