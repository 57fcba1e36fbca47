"""The mobile inverted bottleneck block, MBConv, of EfficientNet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import multiply_adds
from audio_diffstride.models.convolutions import (
    NormedConvolution,
    convolution,
    depthwise_convolution,
)
from audio_diffstride.models.downsampler import Downsample
from audio_diffstride.models.image.squeeze_excitation import SqueezeExcitation


class MobileBlock(keras.layers.Layer):
    """Expansion, depthwise convolution, squeeze and excitation, projection.

    1. A (1 x 1) convolution expands the channels.
    2. A depthwise convolution filters each channel. The downsampling layer
       follows it, before its norm.
    3. Squeeze and excitation weights the channels. It squeezes them to a
       quarter of the input channels.
    4. A (1 x 1) convolution projects to the output channels. It has no
       activation. The other convolutions have swish.

    If size and channels do not change, the input is added to the output. In
    training, drop-connect (stochastic depth) then drops the block for an
    example at a given rate. Where the block is kept, it is scaled up.

    Args:
        input_channels: of the input.
        channels: output channels.
        taps: of the depthwise convolution.
        expansion: factor on the input channels. 1 is no expansion.
        downsample: a `Downsample`, or None.
        skip: whether the input is added. This needs an unchanged number of
            channels, and no `downsample`.
        drop_connect: the rate at which the block is dropped.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        The same, downsampled, with the new channels.

    References:
        Tan and Le, 2019, https://arxiv.org/abs/1905.11946; Sandler et al.,
        2018, https://arxiv.org/abs/1801.04381.
    """

    def __init__(
        self,
        input_channels: int,
        channels: int,
        taps: int,
        expansion: int,
        downsample: Downsample | None = None,
        skip: bool = False,
        drop_connect: float = 0.0,
        batch_norm_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.channels = channels
        self.downsample = downsample
        self.skip = skip
        expanded = expansion * input_channels
        strides = downsample.convolution_strides if downsample else (1, 1)
        common: dict[str, Any] = {"dtype": self.dtype_policy}
        normed = {**common, "batch_norm_momentum": batch_norm_momentum}
        expand = NormedConvolution(
            convolution(expanded, 1, **common),
            "silu",
            **normed,
            name="expansion",
        )
        self.parts: list[Any] = [
            *([expand] if expansion != 1 else []),
            NormedConvolution(
                depthwise_convolution(taps, strides, **common),
                "silu",
                downsample=downsample,
                **normed,
                name="depthwise",
            ),
            SqueezeExcitation(
                expanded,
                max(1, input_channels // 4),
                **common,
                name="squeeze_excitation",
            ),
            NormedConvolution(
                convolution(channels, 1, **common),
                None,
                **normed,
                name="projection",
            ),
        ]
        self.dropout = keras.layers.Dropout(
            drop_connect,
            noise_shape=(None, 1, 1, 1),  # whole examples
            **common,
        )

    def build(self, input_shape: Shape) -> None:
        shape = tuple(input_shape)
        for part in self.parts:
            part.build(shape)
            shape = (*shape[:3], part.channels)

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        shortcut = x
        for part in self.parts:
            x = part(x, training=training)
        return shortcut + self.dropout(x, training=training) if self.skip else x

    def output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The current output size, (height, width)."""
        if self.downsample is None:
            return tuple(input_size)
        return self.downsample.output_size(input_size)

    def multiply_adds(self, size: Sequence[int]) -> dict[str, Any]:
        """The row of this block; see `Encoder.multiply_adds`."""
        rows: list[dict[str, Any]] = []
        for part in self.parts:
            rows.append(part.multiply_adds(size))
            size = rows[-1]["output_size"]
        return multiply_adds.total_macs(self.name, rows)
