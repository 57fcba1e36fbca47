"""DiffStride: downsampling with strides that are learned."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from audio_diffstride.layers import spectral
from audio_diffstride.layers.arguments import check_transition
from audio_diffstride.layers.folding_resampling import FoldingResampling
from audio_diffstride.layers.stride_bounds import StrideBounds
from audio_diffstride.layers.types import Shape, Size, Tensor


@keras.saving.register_keras_serializable(package="audio_diffstride")
class DiffStride(FoldingResampling):
    """Downsampling layer that learns its strides by gradient descent.

    The layer filters an axis of N samples in the Fourier domain. A stride S
    sets the cut-off frequency, c = N / (2 S) bins. A mask passes the bins up
    to c, falls linearly over a transition band of R bins, and stops the rest:

        mask(f) = clip((R + c - f) / R, 0, 1)                        (Eq. 3)

    The spectrum is cropped to the bins that are left and transformed back to
    M = floor(N / S + 2 R) samples. The loss has a gradient in S through the
    mask. So S is learned with the weights, and need not be whole.

    All of this is one small real matrix product per axis, without an FFT.
    `audio_diffstride.layers.spectral` has the equations.

    `folding` is the share of what the mask removes that is folded back, as a
    strided convolution does: it appears in the output as slower changes. 0 is
    the layer of the paper. 1 with a whole stride takes each S-th sample.
    `audio_diffstride.layers.folding` has the equations.

    Args:
        strides: initial strides >= 1. A number, or one per spatial axis.
        smoothness_factor: R, the width of the transition band, in bins > 0.
        transition_band: "outside" (the paper) or "inside". Outside, the band
            starts at the cut-off, and the output has floor(N / S + 2 R)
            samples. Inside, the band ends at the cut-off, and the output has
            floor(N / S) samples, as after a strided convolution.
        smoothness_percent: p. If p > 0, R is max(1, p N / 100) bins, and
            `smoothness_factor` is not used. See `spectral.smoothness_bins`.
        shared_stride: whether all axes share one learned stride.
        lower_limit_stride: smallest stride. None is 1.
        upper_limit_stride: largest stride. None is no limit.
        fixed_sizes: whether the output sizes are constants of the compiled
            step, as XLA and JAX require. Train with the callback
            `RefreshSizes`, which updates them. If False, the sizes follow
            the strides within the step. On JAX they are always fixed.
        size_multiple: output sizes are rounded up to a multiple of this. They
            then change less often.
        folding: share of what lies beyond the cut-off that is folded back,
            from 0 to 1. A number, or one per spatial axis.
        learn_folding: whether the folding is learned, from `folding` on.
        shared_folding: whether all axes share one learned folding.
        folded_axes: the spatial axes that fold: "all", or only the "first",
            "second" or "third". The others fold nothing.
        folded_channels: "all" or "half". With "half" the first half of the
            channels folds nothing. The next layer sees both.
        data_format: "channels_last" or "channels_first". None takes the
            Keras default.
        trainable: whether strides and folding are learned.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        strides: the learned strides, a float variable. One entry per spatial
            axis, or a single one if the stride is shared.
        folding: the learned folding, a float variable with as many entries.
            A tuple if it is not learned.

    Call arguments:
        x: features.
        axes: the axes to downsample, numbered as in a channels-last input.
            None is every spatial axis. A block can so downsample time after
            one convolution, and frequency after the next.

    Input shape:
        (batch, size_1, ..., size_rank, channels), of any spatial rank, or
        (batch, channels, size_1, ..., size_rank).

    Output shape:
        The same, with `output_size` along the downsampled axes. These sizes
        change with the strides, so a Keras graph has None there.

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
    >>> layer = DiffStride(2.0, transition_band="inside", folding=1.0)
    >>> bool(ops.all(ops.isclose(layer(x), x[:, ::2, ::2], atol=1e-4)))
    True

    Differences from the released code (google-research/diffstride, 2022):

    - Every axis has the same mask. It is symmetric for odd and even sizes.
    - A constant input keeps its value.
    - `call` writes no weight. The smallest stride is a bound with a
      straight-through gradient.
    - Any size works, from 1 sample.

    References:
        Riad et al., "Learning strides in convolutional neural networks",
        ICLR 2022, https://arxiv.org/abs/2202.01653, section 2.
    """

    def __init__(
        self,
        strides: float | Sequence[float] = 2.0,
        smoothness_factor: float = 4.0,
        transition_band: str = "outside",
        smoothness_percent: float = 0.0,
        shared_stride: bool = False,
        lower_limit_stride: float | None = None,
        upper_limit_stride: float | None = None,
        fixed_sizes: bool = False,
        size_multiple: int = 1,
        folding: float | Sequence[float] = 0.0,
        learn_folding: bool = False,
        shared_folding: bool = False,
        folded_axes: str = "all",
        folded_channels: str = "all",
        data_format: str | None = None,
        trainable: bool = True,
        **kwargs: Any,
    ):
        super().__init__(
            strides,
            folding,
            learn_folding,
            shared_folding,
            folded_axes,
            folded_channels,
            data_format=data_format,
            trainable=trainable,
            **kwargs,
        )
        check_transition(smoothness_factor, transition_band, smoothness_percent)
        if not isinstance(size_multiple, numbers.Integral) or size_multiple < 1:
            raise ValueError(
                "`size_multiple` must be an integer >= 1. "
                f"Received: size_multiple={size_multiple!r}"
            )
        self.smoothness_factor: float = float(smoothness_factor)
        self.smoothness_percent: float = float(smoothness_percent)
        self.transition_band: str = transition_band
        self._bounds: StrideBounds = StrideBounds(
            lower_limit_stride, upper_limit_stride
        )
        self.shared_stride: bool = bool(shared_stride)
        self.lower_limit_stride: float | None = lower_limit_stride
        self.upper_limit_stride: float | None = upper_limit_stride
        # The config keeps the argument: another backend may load the model.
        self._fixed_sizes: bool = bool(fixed_sizes)
        self.fixed_sizes: bool = fixed_sizes or keras.backend.backend() == "jax"
        self.size_multiple: int = int(size_multiple)
        # XLA cannot compile a size that depends on a weight.
        self.supports_jit: bool = self.fixed_sizes
        # {(spatial axis, N): M} in the compiled step
        self.sizes_in_use: dict[tuple[int, int], int] = {}

    def build(self, input_shape: Shape) -> None:
        initial = self._strides_per_axis(len(input_shape) - 2)
        if self.shared_stride:
            if len(set(initial)) > 1:
                raise ValueError(
                    "`strides` must be equal where `shared_stride` is set. "
                    f"Received: strides={tuple(initial)}"
                )
            initial = initial[:1]
        # At least float32: half precision would be too coarse for a cut-off.
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
        super().build(input_shape)

    # The filter

    def smoothness(self, size: Size) -> Any:
        """R, the width of the transition band of an axis, in bins."""
        if self.smoothness_percent:
            return spectral.smoothness_bins(size, self.smoothness_percent)
        return self.smoothness_factor

    def effective_stride(self, size: Size, spatial_axis: int) -> Tensor:
        """The stride applied to an axis of `size` samples; see `spectral`."""
        return spectral.effective_stride(
            self.strides[self._index(spatial_axis)],
            size,
            self.smoothness(size),
            self.transition_band,
        )

    def mask(self, size: Size, spatial_axis: int) -> Tensor:
        return spectral.transition_mask(
            self.effective_stride(size, spatial_axis),
            size,
            self.smoothness(size),
            self.transition_band,
        )

    def band_edges(
        self, size: int, spatial_axis: int
    ) -> tuple[float, float, float]:
        """The bins where the mask is 1, 1/2 and 0; see `spectral`."""
        stride = self.effective_stride(size, spatial_axis)
        return spectral.band_edges(
            float(ops.convert_to_numpy(stride)),
            size,
            self.smoothness(size),
            self.transition_band,
        )

    # The output sizes

    def initial_output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The `output_size` at the initial strides. Reads no weight."""
        strides = self._strides_per_axis(len(input_size))
        return tuple(
            self._size_at(strides, size, axis)
            for axis, size in enumerate(input_size)
        )

    def refresh_sizes(self, strides: np.ndarray | None = None) -> bool:
        """Updates fixed sizes to the current strides.

        Args:
            strides: the values of the strides. None reads the variable.

        Returns:
            Whether a size in the compiled step is now out of date.
        """
        if strides is None:
            strides = ops.convert_to_numpy(self.strides)
        self._stride_of_sizes = tuple(strides.tolist())
        return not self.matches_sizes(self.sizes_in_use)

    def matches_sizes(self, sizes: dict[tuple[int, int], int]) -> bool:
        """Whether the layer now has these sizes, {(spatial axis, N): M}."""
        return all(
            self._size(size, axis) == new_size
            for (axis, size), new_size in sizes.items()
        )

    def load_own_variables(self, store: Any) -> None:
        super().load_own_variables(store)
        self.refresh_sizes()

    def _index(self, spatial_axis: int) -> int:
        return 0 if self.shared_stride else spatial_axis

    def _size(self, size: Size, spatial_axis: int) -> Any:
        strides = self._stride_of_sizes if self.fixed_sizes else self.strides
        return self._size_at(strides, size, spatial_axis)

    def _size_in_step(self, size: Size, spatial_axis: int) -> Any:
        new_size = self._size(size, spatial_axis)
        if self.fixed_sizes:
            self.sizes_in_use[spatial_axis, size] = new_size
        return new_size

    def _size_at(self, strides: Any, size: Size, spatial_axis: int) -> Any:
        return spectral.output_size(
            strides[self._index(spatial_axis)],
            size,
            self.smoothness(size),
            self.transition_band,
            self.size_multiple,
        )

    def _size_when_built(self, size: int, spatial_axis: int) -> int | None:
        return size if size <= 2 else None

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "smoothness_factor": self.smoothness_factor,
            "smoothness_percent": self.smoothness_percent,
            "transition_band": self.transition_band,
            "shared_stride": self.shared_stride,
            "lower_limit_stride": self.lower_limit_stride,
            "upper_limit_stride": self.upper_limit_stride,
            "fixed_sizes": self._fixed_sizes,
            "size_multiple": self.size_multiple,
        }
