"""The dense block: every layer sees the maps of all before it."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.models import multiply_adds
from audio_diffstride.models.convolutions import NormedConvolution, convolution


class DenseBlock(keras.layers.Layer):
    """Layers that each see the maps of all layers before them.

    A layer is a (1 x 1) convolution to four times the growth, the bottleneck
    B of DenseNet-BC, and a (3 x 3) convolution to the growth, both after
    batch norm and ReLU; its maps are put beside those it was given.

    Args:
        num_layers: of two convolutions each.
        growth: maps that a layer adds.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        channels: at the output, once it is built.

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
        **kwargs,
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

    def _layers_in_pairs(self):
        return zip(self.convolutions[::2], self.convolutions[1::2])

    def build(self, input_shape):
        shape = tuple(input_shape)
        for bottleneck, wide in self._layers_in_pairs():
            bottleneck.build(shape)
            wide.build((*shape[:3], bottleneck.channels))
            shape = (*shape[:3], shape[3] + self.growth)
        self.channels = shape[3]

    def call(self, x, training=None):
        for bottleneck, wide in self._layers_in_pairs():
            new = bottleneck(x, training=training)
            new = wide(new, training=training)
            x = ops.concatenate([x, new], axis=-1)
        return x

    def output_size(self, input_size) -> tuple[int, int]:
        """(height, width), which stay."""
        return tuple(input_size)

    def multiply_adds(self, size) -> dict:
        """The row of this block; see `Encoder.multiply_adds`."""
        rows = [part.multiply_adds(size) for part in self.convolutions]
        return multiply_adds.total_macs(self.name, rows)
