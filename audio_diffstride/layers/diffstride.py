"""DiffStride: downsampling whose strides are learned by gradient descent."""

from __future__ import annotations

import numbers

import keras
import numpy as np
from keras import ops

from audio_diffstride.layers import spectral
from audio_diffstride.layers.stride_bounds import StrideBounds
from audio_diffstride.layers.transition_resampling import TransitionResampling


@keras.saving.register_keras_serializable(package="audio_diffstride")
class DiffStride(TransitionResampling):
    """Spectral pooling whose cut-off, and so whose stride, is learned.

    An axis of N samples with the stride S is low-passed at N / (2 S) bins by
    a mask with a linear transition band (Eq. 3), cropped and transformed
    back: one small real matrix product per axis, differentiable in S through
    the mask. See `audio_diffstride.spectral` for the equations.

    Args:
        strides: initial strides >= 1: a number, or one per spatial axis.
        smoothness_factor: R, the width of the transition band, in bins > 0.
        transition_band: "outside" (the paper): the ramp starts at the cut-off
            and the output has floor(N / S + 2 R) samples. "inside": the ramp
            ends at the cut-off and the output has floor(N / S) samples, as a
            strided convolution's.
        smoothness_percent: if > 0, R = max(1, p N / 100) in place of the
            bins; see `spectral.smoothness_bins`.
        shared_stride: learn one stride for all axes instead of one for each.
        lower_limit_stride: the strides are kept at or above this; None is 1.
        upper_limit_stride: the strides are kept at or below this; None is no
            limit.
        fixed_sizes: whether output sizes are integers that only
            `refresh_sizes` moves, which compiled steps (XLA, JAX) need; train
            with the callback `RefreshSizes`. Otherwise they follow the
            strides inside the step. On JAX they are always fixed.
        size_multiple: output sizes are rounded up to a multiple of this, so
            that they move less often.
        data_format: "channels_last" or "channels_first"; None takes the
            Keras default.
        trainable: whether the strides are learned.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        strides: the learned strides, a float variable with one entry per
            spatial axis, or a single one if shared.

    Call arguments:
        x: features.
        axes: the axes to downsample, numbered as in a channels-last input;
            None is every spatial axis. So a block can downsample time after
            one convolution and frequency after the next.

    Input shape:
        (batch, size_1, ..., size_rank, channels), of any spatial rank; or
        (batch, channels, size_1, ..., size_rank).

    Output shape:
        The same, with `output_size` along the axes that are downsampled. It
        moves with the strides, so a Keras graph is built with None there.

    Raises:
        ValueError: for an argument out of its range, or strides that do not
            match the spatial rank of the input.

    Example:
    >>> x = keras.random.normal((8, 100, 64, 16))
    >>> layer = DiffStride(strides=2.0)
    >>> tuple(layer(x).shape), layer.output_size((100, 64))
    ((8, 58, 40, 16), (58, 40))
    >>> tuple(layer(x, axes=(1,)).shape)
    (8, 58, 64, 16)

    Differences from the released code (google-research/diffstride, 2022): the
    same mask on every axis, symmetric for odd and even sizes; a constant
    keeps its value; no weight is written in `call`, the smallest stride being
    a bound with a straight-through gradient; any size from 1 sample.

    References:
        Riad et al., "Learning strides in convolutional neural networks",
        ICLR 2022, https://arxiv.org/abs/2202.01653, section 2.
    """

    def __init__(
        self,
        strides=2.0,
        smoothness_factor: float = 4.0,
        transition_band: str = "outside",
        smoothness_percent: float = 0.0,
        shared_stride: bool = False,
        lower_limit_stride: float | None = None,
        upper_limit_stride: float | None = None,
        fixed_sizes: bool = False,
        size_multiple: int = 1,
        data_format: str | None = None,
        trainable: bool = True,
        **kwargs,
    ):
        super().__init__(
            strides=strides,
            smoothness_factor=smoothness_factor,
            transition_band=transition_band,
            smoothness_percent=smoothness_percent,
            data_format=data_format,
            trainable=trainable,
            **kwargs,
        )
        if not isinstance(size_multiple, numbers.Integral) or size_multiple < 1:
            raise ValueError(
                "`size_multiple` must be an integer >= 1. "
                f"Received: size_multiple={size_multiple!r}"
            )
        self._bounds = StrideBounds(lower_limit_stride, upper_limit_stride)
        self.shared_stride = bool(shared_stride)
        self.lower_limit_stride = lower_limit_stride
        self.upper_limit_stride = upper_limit_stride
        # A model saved by one backend is another's: it keeps what was asked.
        self._fixed_sizes = bool(fixed_sizes)
        self.fixed_sizes = fixed_sizes or keras.backend.backend() == "jax"
        self.size_multiple = int(size_multiple)
        # Otherwise an output size depends on a weight: nothing for XLA.
        self.supports_jit = self.fixed_sizes
        self.sizes_in_use = {}

    def build(self, input_shape):
        initial = self._strides_per_axis(len(input_shape) - 2)
        if self.shared_stride:
            if len(set(initial)) > 1:
                raise ValueError(
                    "`strides` must be equal where `shared_stride` is set. "
                    f"Received: strides={tuple(initial)}"
                )
            initial = initial[:1]
        # Never rounded to half precision: bins, not features, are at stake.
        self.strides = self.add_weight(
            name="strides",
            shape=(len(initial),),
            initializer=lambda shape, dtype: self._bounds(
                ops.convert_to_tensor(initial, dtype)
            ),
            dtype=keras.backend.result_type(self.variable_dtype, "float32"),
            constraint=self._bounds,
            autocast=False,
            trainable=self.trainable,
        )
        self._stride_of_sizes = tuple(
            np.clip(
                initial, self._bounds.lower or 1.0, self._bounds.upper
            ).tolist()
        )

    def refresh_sizes(self, strides: np.ndarray | None = None) -> bool:
        """Fixes the sizes anew, to those that the current strides ask for.

        Args:
            strides: their values, where the caller has them; None reads them.

        Returns:
            Whether one that a compiled step was built with has moved.
        """
        if strides is None:
            strides = ops.convert_to_numpy(self.strides)
        self._stride_of_sizes = tuple(strides.tolist())
        return not self.matches_sizes(self.sizes_in_use)

    def matches_sizes(self, sizes: dict) -> bool:
        """Whether it would give these sizes, {(spatial axis, N): M}."""
        return all(
            self._size(size, axis) == new_size
            for (axis, size), new_size in sizes.items()
        )

    def load_own_variables(self, store):
        super().load_own_variables(store)
        self.refresh_sizes()

    def _stride(self, spatial_axis):
        return self.strides[self._index(spatial_axis)]

    def _index(self, spatial_axis: int) -> int:
        return 0 if self.shared_stride else spatial_axis

    def _size(self, size, spatial_axis):
        strides = self._stride_of_sizes if self.fixed_sizes else self.strides
        return self._size_at(strides, size, spatial_axis)

    def _size_at(self, strides, size, spatial_axis):
        return spectral.output_size(
            strides[self._index(spatial_axis)],
            size,
            self.smoothness(size),
            self.transition_band,
            self.size_multiple,
        )

    def first_output_size(self, input_size) -> tuple[int, ...]:
        """What `output_size` was at the initial strides, without a weight."""
        strides = self._strides_per_axis(len(input_size))
        return tuple(
            self._size_at(strides, size, axis)
            for axis, size in enumerate(input_size)
        )

    def _size_when_built(self, size, spatial_axis):
        return size if size <= 2 else None

    def matrix(self, size, spatial_axis):
        if self.fixed_sizes and not (isinstance(size, int) and size <= 2):
            new_size = self._size(size, spatial_axis)
            self.sizes_in_use[spatial_axis, size] = new_size
        return super().matrix(size, spatial_axis)

    def get_config(self):
        return {
            **super().get_config(),
            "shared_stride": self.shared_stride,
            "lower_limit_stride": self.lower_limit_stride,
            "upper_limit_stride": self.upper_limit_stride,
            "fixed_sizes": self._fixed_sizes,
            "size_multiple": self.size_multiple,
        }
