"""The audio network: blocks that alternate time and frequency."""

from __future__ import annotations

import keras

from audio_diffstride.cost import complexity
from audio_diffstride.models.time_frequency_block import TimeFrequencyBlock


@keras.saving.register_keras_serializable(package="audio_diffstride")
class TimeFrequencyEncoder(keras.layers.Layer):
    """Six blocks that alternate time and frequency; the paper's audio CNN.

    Args:
        channels: output channels of each block.
        strides: initial (time, frequency) strides of each block.
        width: factor on all the channels; 0.25 suits a laptop.
        downsampling: how an axis is downsampled; the arms of the paper's
            comparison differ in nothing else. See `TimeFrequencyBlock`.
        smoothness_factor: of `DiffStride`, as are the next five.
        transition_band: "outside" or "inside" the cut-off.
        smoothness_percent: of the axis, in place of bins.
        shared_stride: whether time and frequency are tied.
        fixed_sizes: for compiled steps.
        size_multiple: that sizes are rounded up to.
        complexity_weight: the paper's lambda: `complexity_weight *
            complexity(strides)` is added to the training loss.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, frames, bands, 1): a log-mel spectrogram.

    Output shape:
        (batch, frames', bands', channels of the last block).

    References:
        Riad et al., 2022, https://arxiv.org/abs/2202.01653, section 3.1.
    """

    block_class = TimeFrequencyBlock

    def __init__(
        self,
        channels=(64, 128, 256, 256, 512, 512),
        strides=((2, 2), (2, 2), (1, 1), (2, 2), (1, 1), (2, 2)),
        width: float = 1.0,
        downsampling: str = "diffstride",
        smoothness_factor: float = 4.0,
        transition_band: str = "outside",
        smoothness_percent: float = 0.0,
        shared_stride: bool = False,
        fixed_sizes: bool = False,
        size_multiple: int = 1,
        complexity_weight: float = 0.0,
        batch_norm_momentum: float = 0.99,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if len(channels) != len(strides):
            raise ValueError(
                "`channels` and `strides` must have one entry per block. "
                f"Received: {len(channels)} channels, {len(strides)} strides"
            )
        if not complexity_weight >= 0:
            raise ValueError(
                "`complexity_weight` must be >= 0. "
                f"Received: complexity_weight={complexity_weight!r}"
            )
        self.complexity_weight = complexity_weight
        diffstride = {
            "smoothness_factor": smoothness_factor,
            "transition_band": transition_band,
            "smoothness_percent": smoothness_percent,
            "shared_stride": shared_stride,
            "fixed_sizes": fixed_sizes,
            "size_multiple": size_multiple,
        }
        self._config = {
            "channels": tuple(channels),
            "strides": tuple(tuple(pair) for pair in strides),
            "width": width,
            "downsampling": downsampling,
            **diffstride,
            "complexity_weight": complexity_weight,
            "batch_norm_momentum": batch_norm_momentum,
        }
        self.blocks = [
            self.block_class(
                max(1, round(width * block_channels)),
                strides=pair,
                downsampling=downsampling,
                diffstride=diffstride,
                batch_norm_momentum=batch_norm_momentum,
                dtype=self.dtype_policy,
                name=f"block{number}",
            )
            for number, (block_channels, pair) in enumerate(
                zip(channels, strides), start=1
            )
        ]

    def build(self, input_shape):
        for block in self.blocks:
            block.build(input_shape)
            input_shape = block.compute_output_shape(input_shape)

    def call(self, x, training=None):
        size = None if None in x.shape[1:3] else tuple(x.shape[1:3])
        for block in self.blocks:
            x = block(x, training=training, size=size)
            size = size and block.first_output_size(size)
        if self.complexity_weight and training:
            cost = complexity([block.strides for block in self.blocks])
            self.add_loss(self.complexity_weight * cost)
        return x

    def compute_output_shape(self, input_shape):
        for block in self.blocks:
            input_shape = block.compute_output_shape(input_shape)
        return input_shape

    def get_config(self):
        return {**super().get_config(), **self._config}
