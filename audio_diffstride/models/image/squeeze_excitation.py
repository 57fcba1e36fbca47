"""Squeeze and excitation: channel weights from the means of all channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import multiply_adds


class SqueezeExcitation(keras.layers.Layer):
    """Multiplies each channel by a weight from two dense layers.

    The first layer squeezes the channel means and has swish. The second one
    has a sigmoid and computes a weight of 0 to 1 per channel.

    Args:
        channels: of the input.
        squeezed: channels after the first dense layer.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        The same.

    References:
        Hu et al., 2018, https://arxiv.org/abs/1709.01507.
    """

    def __init__(self, channels: int, squeezed: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.channels = channels
        common: dict[str, Any] = {
            "kernel_initializer": "he_normal",
            "dtype": self.dtype_policy,
        }
        self.squeeze = keras.layers.Dense(squeezed, "silu", **common)
        self.excite = keras.layers.Dense(channels, "sigmoid", **common)

    def build(self, input_shape: Shape) -> None:
        self.squeeze.build((input_shape[0], self.channels))
        self.excite.build((input_shape[0], self.squeeze.units))

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        weights = ops.mean(x, axis=(1, 2))  # (batch, channels)
        weights = self.excite(self.squeeze(weights))
        return x * weights[:, None, None, :]

    def output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The size of the input: it does not change."""
        return tuple(input_size)

    def multiply_adds(self, size: Sequence[int]) -> dict[str, Any]:
        """The row of this layer; see `Encoder.multiply_adds`."""
        counts = {
            "convolution": sum(
                multiply_adds.convolution_macs(layer, ())
                for layer in (self.squeeze, self.excite)
            ),
            "resampling": 0,
        }
        return multiply_adds.row(self.name, size, size, counts)
