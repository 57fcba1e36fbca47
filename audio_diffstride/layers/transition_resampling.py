"""What the layers with a transition band share: their mask over the bins."""

from __future__ import annotations

import abc

from keras import ops

from audio_diffstride.layers import spectral
from audio_diffstride.layers.axis_resampling import AxisResampling
from audio_diffstride.layers.stride_bounds import is_number


class TransitionResampling(AxisResampling):
    """Base of `DiffStride` and its form per example.

    Args:
        strides: a number, or one per spatial axis.
        smoothness_factor: R, the width of the transition band, in bins > 0.
        transition_band: "outside" or "inside" the cut-off.
        smoothness_percent: if > 0, R = max(1, p N / 100) in place of bins.
        **kwargs: for `AxisResampling`.

    Raises:
        ValueError: for an argument out of its range.
    """

    def __init__(
        self,
        strides=2.0,
        smoothness_factor: float = 4.0,
        transition_band: str = "outside",
        smoothness_percent: float = 0.0,
        **kwargs,
    ):
        super().__init__(strides=strides, **kwargs)
        if not is_number(smoothness_factor) or smoothness_factor <= 0:
            raise ValueError(
                "`smoothness_factor` must be a finite number of bins > 0. "
                f"Received: smoothness_factor={smoothness_factor!r}"
            )
        if not is_number(smoothness_percent) or smoothness_percent < 0:
            raise ValueError(
                "`smoothness_percent` must be a finite number >= 0. "
                f"Received: smoothness_percent={smoothness_percent!r}"
            )
        if transition_band not in spectral.TRANSITION_BANDS:
            raise ValueError(
                "`transition_band` must be one of "
                f"{', '.join(map(repr, spectral.TRANSITION_BANDS))}. "
                f"Received: transition_band={transition_band!r}"
            )
        self.smoothness_factor = float(smoothness_factor)
        self.smoothness_percent = float(smoothness_percent)
        self.transition_band = transition_band

    @abc.abstractmethod
    def _stride(self, spatial_axis: int):
        """The stride of an axis, a scalar tensor."""

    def smoothness(self, size):
        """R, the width of the transition band of an axis, in bins."""
        if self.smoothness_percent:
            return spectral.smoothness_bins(size, self.smoothness_percent)
        return self.smoothness_factor

    def effective_stride(self, size, spatial_axis: int):
        """The stride applied to an axis of `size` samples; see `spectral`."""
        return spectral.effective_stride(
            self._stride(spatial_axis),
            size,
            self.smoothness(size),
            self.transition_band,
        )

    def mask(self, size, spatial_axis: int):
        """The mask over the bins of an axis of N = `size` samples."""
        return self._mask(self._stride(spatial_axis), size)

    def _mask(self, stride, size):
        """The mask of a stride, or of strides of shape (batch, 1)."""
        arguments = (size, self.smoothness(size), self.transition_band)
        used = spectral.effective_stride(stride, *arguments)
        return spectral.transition_mask(used, *arguments)

    def matrix(self, size, spatial_axis):
        if isinstance(size, int) and size <= 2:
            return None
        return spectral.resampling_matrix(
            self.mask(size, spatial_axis), size, self._size(size, spatial_axis)
        )

    def band_edges(self, size: int, spatial_axis: int):
        """(flat up to, half at, zero from) in bins; see `spectral`."""
        return spectral.band_edges(
            float(
                ops.convert_to_numpy(self.effective_stride(size, spatial_axis))
            ),
            size,
            self.smoothness(size),
            self.transition_band,
        )

    def get_config(self):
        return {
            **super().get_config(),
            "smoothness_factor": self.smoothness_factor,
            "smoothness_percent": self.smoothness_percent,
            "transition_band": self.transition_band,
        }
