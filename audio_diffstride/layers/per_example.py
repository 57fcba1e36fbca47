"""Strides predicted from each example, an experiment of the paper's outlook."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.layers import spectral
from audio_diffstride.layers.axis_products import apply_per_example
from audio_diffstride.layers.transition_resampling import TransitionResampling

# A predicted stride lies within this factor of where it started.
_MAX_FACTOR = 4.0


@keras.saving.register_keras_serializable(package="audio_diffstride")
class PerExampleDiffStride(TransitionResampling):
    """DiffStride whose cut-off each example chooses for itself.

    For an axis, a linear head on the mean of the example's features predicts

        S = S_0 4^tanh(w . mean(x) + b),        w = b = 0 at the start,

    and the example is low-passed at N / (2 S) bins by the mask of
    `DiffStride`. All examples of a batch come out with one size, that of
    S_0: an example that asks for a larger stride is smoothed further than its
    size needs, one that asks for a smaller is cut at the size's own Nyquist
    frequency. So what is learned is bandwidth; the cost is that of S_0.

    The matrix is made once per example, not once per batch. The mean of
    predicted strides, moving as in batch norm, is what reports tell.

    Args:
        strides: S_0 >= 1: a number, or one per spatial axis.
        smoothness_factor: R, the width of the transition band, in bins > 0.
        transition_band: "outside" or "inside"; see `DiffStride`.
        smoothness_percent: if > 0, R = max(1, p N / 100) in place of bins.
        momentum: of the mean of the strides.
        data_format: "channels_last" or "channels_first".
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        strides: the moving mean of the strides, per spatial axis.

    Input shape:
        (batch, size_1, ..., size_rank, channels).

    Output shape:
        The same with `output_size` along the axes that are downsampled.

    References:
        Riad et al., 2022, https://arxiv.org/abs/2202.01653, section 4.

    Example:
    >>> x = keras.random.normal((8, 100, 64, 16))
    >>> tuple(PerExampleDiffStride(strides=2.0)(x).shape)
    (8, 58, 40, 16)
    """

    def __init__(
        self,
        strides=2.0,
        smoothness_factor: float = 4.0,
        transition_band: str = "outside",
        smoothness_percent: float = 0.0,
        momentum: float = 0.99,
        data_format: str | None = None,
        **kwargs,
    ):
        super().__init__(
            strides=strides,
            smoothness_factor=smoothness_factor,
            transition_band=transition_band,
            smoothness_percent=smoothness_percent,
            data_format=data_format,
            **kwargs,
        )
        self.momentum = momentum

    def build(self, input_shape):
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

    def predicted_strides(self, x, spatial_axis: int):
        """The stride of an axis for every example, of shape (batch,)."""
        first = self._first_spatial_axis
        spatial = range(first, first + len(x.shape) - 2)
        mean = ops.mean(ops.cast(x, "float32"), axis=tuple(spatial))
        score = ops.matmul(
            mean, self.kernel[:, spatial_axis : spatial_axis + 1]
        )
        score = ops.squeeze(score, axis=1) + self.bias[spatial_axis]
        initial = self._strides_per_axis(len(x.shape) - 2)[spatial_axis]
        strides = initial * ops.power(_MAX_FACTOR, ops.tanh(score))
        return spectral.straight_through(ops.maximum(strides, 1.0), strides)

    def call(self, x, axes=None, training=None):
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

    def _update_mean(self, mean, spatial_axis: int):
        rank = self.strides.shape[0]
        here = ops.one_hot(spatial_axis, rank, dtype="float32")
        moved = (1 - self.momentum) * here * (mean - self.strides)
        self.strides.assign(self.strides + ops.stop_gradient(moved))

    def _matrices(self, strides, size, spatial_axis: int):
        """Shape (batch, M, N)."""
        mask = self._mask(strides[:, None], size)
        new_size = self._size(size, spatial_axis)
        return spectral.resampling_matrix(mask, size, new_size)

    def _stride(self, spatial_axis):
        """The mean, for whoever asks without an example."""
        return self.strides[spatial_axis]

    def _size(self, size, spatial_axis):
        rank = self.strides.shape[0]
        return spectral.output_size(
            self._strides_per_axis(rank)[spatial_axis],
            size,
            self.smoothness(size),
            self.transition_band,
        )

    def _size_when_built(self, size, spatial_axis):
        return self._size(size, spatial_axis) if self.built else None

    def get_config(self):
        return {
            **super().get_config(),
            "momentum": self.momentum,
        }
