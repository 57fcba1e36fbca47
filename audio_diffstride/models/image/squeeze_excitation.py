"""Squeeze and excitation: every channel weighted by what all of them hold."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.models import multiply_adds


class SqueezeExcitation(keras.layers.Layer):
    """Weights channels by two dense layers on their means.

    Args:
        channels: of the input.
        squeezed: channels between the two, after swish; a sigmoid then makes
            weights of 0 to 1.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        The same.

    References:
        Hu et al., 2018, https://arxiv.org/abs/1709.01507.
    """

    def __init__(self, channels: int, squeezed: int, **kwargs):
        super().__init__(**kwargs)
        self.channels = channels
        common = {"kernel_initializer": "he_normal", "dtype": self.dtype_policy}
        self.squeeze = keras.layers.Dense(squeezed, "silu", **common)
        self.excite = keras.layers.Dense(channels, "sigmoid", **common)

    def build(self, input_shape):
        self.squeeze.build((input_shape[0], self.channels))
        self.excite.build((input_shape[0], self.squeeze.units))

    def call(self, x, training=None):
        weights = ops.mean(x, axis=(1, 2))  # (batch, channels)
        weights = self.excite(self.squeeze(weights))
        return x * weights[:, None, None, :]

    def output_size(self, input_size) -> tuple[int, int]:
        """(height, width), which stay."""
        return tuple(input_size)

    def multiply_adds(self, size) -> dict:
        """The row of this layer; see `Encoder.multiply_adds`."""
        counts = {
            "convolution": sum(
                multiply_adds.of_convolution(layer, ())
                for layer in (self.squeeze, self.excite)
            ),
            "resampling": 0,
        }
        return multiply_adds.row(self.name, size, size, counts)
