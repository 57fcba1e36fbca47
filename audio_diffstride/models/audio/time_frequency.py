"""The audio network of the paper: blocks along time and frequency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import multiply_adds
from audio_diffstride.models.audio.time_frequency_block import (
    TimeFrequencyBlock,
)
from audio_diffstride.models.encoder import Encoder

_PUBLISHED = ARCHITECTURES["time_frequency"]


@keras.saving.register_keras_serializable(package="audio_diffstride")
class TimeFrequencyEncoder(Encoder):
    """The audio network of the paper: six blocks along time and frequency.

    Args:
        channels: output channels of each block.
        strides: initial (time, frequency) strides of each block.
        downsampling_position: within a block; see `TimeFrequencyBlock`.
        **kwargs: for `Encoder`: width, downsampling and so on.

    Input shape:
        (batch, frames, bands, 1): a log-mel spectrogram.

    Output shape:
        (batch, frames', bands', channels of the last block).

    References:
        Riad et al., 2022, https://arxiv.org/abs/2202.01653, section 3.1.
    """

    block_class: type[TimeFrequencyBlock] = TimeFrequencyBlock
    pooling = "max"

    def __init__(
        self,
        channels: Sequence[int] = _PUBLISHED.channels or (),
        strides: Sequence[Sequence[float]] = _PUBLISHED.strides,
        downsampling_position: str = "after_convolution",
        **kwargs: Any,
    ):
        super().__init__(strides, **kwargs)
        if len(channels) != len(strides):
            raise ValueError(
                "`channels` and `strides` must have one entry per block. "
                f"Received: {len(channels)} channels, {len(strides)} strides"
            )
        self._config |= {
            "channels": tuple(channels),
            "downsampling_position": downsampling_position,
        }
        self.blocks = [
            self.block_class(
                self.widened(block_channels),
                strides=pair,
                **self.downsampler_kwargs,
                downsampling_position=downsampling_position,
                batch_norm_momentum=self.batch_norm_momentum,
                dtype=self.dtype_policy,
                name=f"block{number}",
            )
            for number, (block_channels, pair) in enumerate(
                zip(channels, strides), start=1
            )
        ]

    @property
    def downsamplers(self) -> list[Any]:
        return self.blocks

    def layers_by_block(self) -> list[list[Any]]:
        return [[block] for block in self.blocks]

    def build(self, input_shape: Shape) -> None:
        for block in self.blocks:
            block.build(input_shape)
            input_shape = block.compute_output_shape(input_shape)

    def encode(self, x: Tensor, training: bool | None = None) -> Tensor:
        size = None if None in x.shape[1:3] else tuple(x.shape[1:3])
        for block in self.blocks:
            x = block(x, training=training, size=size)
            size = size and block.initial_output_size(size)
        return x

    def multiply_adds(self, size: Sequence[int]) -> list[dict[str, Any]]:
        return multiply_adds.block_rows(self.blocks, size)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        for block in self.blocks:
            input_shape = block.compute_output_shape(input_shape)
        return input_shape
