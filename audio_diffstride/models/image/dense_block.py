"""The dense block: every layer sees the outputs of all layers before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import keras
from keras import ops

from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import multiply_adds
from audio_diffstride.models.convolutions import NormedConvolution, convolution


class DenseBlock(keras.layers.Layer):
    """Layers that each see the outputs of all layers before them.

    A layer has two convolutions, each after batch norm and ReLU. The first,
    (1 x 1), has four times `growth` channels: the bottleneck B of
    DenseNet-BC. The second, (3 x 3), has `growth` channels. They are
    concatenated with the input of the layer.

    Args:
        num_layers: number of layers, of two convolutions each.
        growth: channels that a layer adds.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        channels: number of output channels, once it is built.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, height, width, channels + num_layers * growth).

    References:
        Huang et al., 2017, https://arxiv.org/abs/1608.06993, section 3.
    """

    downsample = None

    def __init__(
        self,
        num_layers: int,
        growth: int,
        batch_norm_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.growth = growth
        common = {"dtype": self.dtype_policy}
        self.convolutions = [
            NormedConvolution(
                convolution(channels, taps, **common),
                "relu",
                preactivation=True,
                batch_norm_momentum=batch_norm_momentum,
                **common,
                name=f"layer{number}_{name}",
            )
            for number in range(1, num_layers + 1)
            for name, channels, taps in (
                ("bottleneck", 4 * growth, 1),
                ("convolution", growth, 3),
            )
        ]

    def _layers_in_pairs(self) -> Iterator[tuple[Any, Any]]:
        return zip(self.convolutions[::2], self.convolutions[1::2])

    def build(self, input_shape: Shape) -> None:
        *before, channels = input_shape
        self.channels = cast(int, channels)
        for bottleneck, wide in self._layers_in_pairs():
            bottleneck.build((*before, self.channels))
            wide.build((*before, bottleneck.channels))
            self.channels += self.growth

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        for bottleneck, wide in self._layers_in_pairs():
            new = bottleneck(x, training=training)
            new = wide(new, training=training)
            x = ops.concatenate([x, new], axis=-1)
        return x

    def output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The size of the input: it does not change."""
        return tuple(input_size)

    def multiply_adds(self, size: Sequence[int]) -> dict[str, Any]:
        """The row of this block; see `Encoder.multiply_adds`."""
        rows = [part.multiply_adds(size) for part in self.convolutions]
        return multiply_adds.total_macs(self.name, rows)
