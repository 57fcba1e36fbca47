"""The audio network with strides per example."""

from __future__ import annotations

from typing import Any

import keras

from audio_diffstride.models.audio.time_frequency import TimeFrequencyEncoder
from audio_diffstride.models.audio.time_frequency_block import (
    TimeFrequencyBlock,
)
from examples.per_example.layer import PerExampleDiffStride

# The arguments of DiffStride that also apply to strides per example.
_BAND = ("smoothness_factor", "transition_band", "smoothness_percent")


@keras.saving.register_keras_serializable(package="examples")
class PerExampleBlock(TimeFrequencyBlock):
    """A block of the audio network that owns a `PerExampleDiffStride`.

    Its strides are predicted from the output of a convolution. So it cannot
    downsample before the convolution.
    """

    # No single matrix resamples all examples.
    can_resample_first = False

    def __init__(self, channels: int, **kwargs: Any):
        super().__init__(channels, **kwargs)
        if self.downsampling_position == "before_convolution":
            raise ValueError(
                "`downsampling_position` must be 'after_convolution' or "
                "'after_relu' for strides per example. Received: "
                f"downsampling_position={self.downsampling_position!r}"
            )

    def make_resampling(self) -> Any:
        """Makes the layer with strides per example for "diffstride"."""
        if self.downsampling != "diffstride":
            return super().make_resampling()
        band = {k: v for k, v in self.diffstride.items() if k in _BAND}
        return PerExampleDiffStride(
            self.initial_strides,
            **band,
            data_format="channels_last",
            dtype=self.dtype_policy,
            name="per_example_diffstride",
        )


@keras.saving.register_keras_serializable(package="examples")
class PerExampleEncoder(TimeFrequencyEncoder):
    """The audio network of the paper with strides per example.

    The arguments are those of `TimeFrequencyEncoder`.

    Example:
    >>> encoder = PerExampleEncoder(width=0.25)
    >>> type(encoder.blocks[0].resampling).__name__
    'PerExampleDiffStride'
    """

    block_class = PerExampleBlock
