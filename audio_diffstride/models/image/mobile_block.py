"""The mobile inverted bottleneck block, MBConv."""

from __future__ import annotations

import keras

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

    A (1 x 1) convolution to more channels, a convolution of each channel, the
    weighting of channels by a quarter as many as came in, and a (1 x 1)
    convolution back to few, which has no activation; the others have swish.
    What downsamples follows the depthwise convolution, before its norm.

    A block that changes neither size nor channels is added to its input. In
    training it then is left out of an example at a rate, and scaled up where
    it is not: drop-connect, or stochastic depth.

    Args:
        input_channels: of the input.
        channels: output channels.
        taps: of the depthwise convolution.
        expansion: channels in between per input channel; 1 is no expansion.
        downsample: a `Downsample`, or None.
        skip: whether the input is added; needs `channels` of them, and no
            `downsample`.
        drop_connect: the rate at which an added block is left out.
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
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.channels = channels
        self.downsample = downsample
        self.skip = skip
        expanded = expansion * input_channels
        strides = downsample.convolution_strides if downsample else (1, 1)
        common = {"dtype": self.dtype_policy}
        normed = {"batch_norm_momentum": batch_norm_momentum, **common}
        expand = NormedConvolution(
            convolution(expanded, 1, **common),
            "silu",
            **normed,
            name="expansion",
        )
        self.parts = [
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

    def build(self, input_shape):
        shape = tuple(input_shape)
        for part in self.parts:
            part.build(shape)
            shape = (*shape[:3], part.channels)

    def call(self, x, training=None):
        shortcut = x
        for part in self.parts:
            x = part(x, training=training)
        return shortcut + self.dropout(x, training=training) if self.skip else x

    def output_size(self, input_size) -> tuple[int, int]:
        """The (height, width) that (height, width) come out with, now."""
        if self.downsample is None:
            return tuple(input_size)
        return self.downsample.output_size(input_size)

    def multiply_adds(self, size) -> dict:
        """The row of this block; see `Encoder.multiply_adds`."""
        rows = []
        for part in self.parts:
            rows.append(part.multiply_adds(size))
            size = rows[-1]["output_size"]
        return multiply_adds.total_macs(self.name, rows)
