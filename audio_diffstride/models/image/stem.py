"""What the residual and the dense networks begin with."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.models import multiply_adds
from audio_diffstride.models.convolutions import convolution

STEMS = ("small", "large")


def check_kind(stem: str):
    """Raises ValueError for what is no kind of stem."""
    if stem not in STEMS:
        raise ValueError(
            f"`stem` must be one of {', '.join(STEMS)}. Received: stem={stem!r}"
        )


class Stem(keras.layers.Layer):
    """What an image network begins with, for small images or large ones.

    "small" is a (3 x 3) convolution that keeps the size, the habit for 32 x 32
    pixels; "large" a (7 x 7) convolution of stride 2, and (3 x 3) max pooling
    of stride 2, both with as many zeros on either side, as in the published
    networks: an output lies in the middle of what it sees, where "same"
    padding in Keras may put it half a pixel beside. Its strides are not for
    learning.

    Args:
        channels: output channels.
        kind: "small" or "large".
        activate: whether norm and ReLU follow the convolution.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Raises:
        ValueError: for another `kind`.
    """

    def __init__(
        self,
        channels: int,
        kind: str,
        activate: bool = True,
        batch_norm_momentum: float = 0.99,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_kind(kind)
        self.channels = channels
        common = {"dtype": self.dtype_policy}
        self.pooling, self.norm = None, None
        if kind == "small":
            self.convolution = convolution(channels, 3, **common)
        else:
            self.convolution = convolution(
                channels, 7, (2, 2), "valid", **common
            )
            self.pooling = keras.layers.MaxPooling2D(
                3, 2, data_format="channels_last", **common
            )
        if activate:
            self.norm = keras.layers.BatchNormalization(
                momentum=batch_norm_momentum, **common
            )

    def build(self, input_shape):
        self.convolution.build(input_shape)
        if self.norm is not None:
            self.norm.build((*input_shape[:3], self.channels))

    def call(self, x, training=None):
        x = self.convolution(x if self.pooling is None else _padded(x, 3))
        if self.norm is not None:
            x = ops.relu(self.norm(x, training=training))
        # After ReLU zeros are never above a maximum.
        return x if self.pooling is None else self.pooling(_padded(x, 1))

    def _convolved_size(self, size):
        return tuple(-(-n // self.convolution.strides[0]) for n in size)

    def output_size(self, input_size) -> tuple[int, int]:
        """The (height, width) that (height, width) come out with."""
        size = self._convolved_size(input_size)
        return size if self.pooling is None else tuple(-(-n // 2) for n in size)

    def multiply_adds(self, size) -> dict:
        """The row of the stem; see `Encoder.multiply_adds`."""
        count = multiply_adds.of_convolution(
            self.convolution, self._convolved_size(size)
        )
        counts = {"convolution": count, "resampling": 0}
        return multiply_adds.row("stem", size, self.output_size(size), counts)


def _padded(x, zeros: int):
    """Zeros on every side of (batch, height, width, channels)."""
    return ops.pad(x, ((0, 0), (zeros, zeros), (zeros, zeros), (0, 0)))
