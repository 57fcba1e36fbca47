"""The stem: the first layers of the residual and dense networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import multiply_adds
from audio_diffstride.models.convolutions import convolution

STEMS = ("small", "large")


def check_kind(stem: str) -> None:
    """Checks that a stem is one of `STEMS`.

    Raises:
        ValueError: for any other name.
    """
    if stem not in STEMS:
        raise ValueError(
            f"`stem` must be one of {', '.join(STEMS)}. Received: stem={stem!r}"
        )


class Stem(keras.layers.Layer):
    """The first layers of an image network, for small or large images.

    "small" is a (3 x 3) convolution that keeps the size. This is usual for
    32 x 32 pixels.

    "large" is a (7 x 7) convolution of stride 2 and (3 x 3) max pooling of
    stride 2. Both have the same number of zeros on each side, as in the
    published networks. So an output is in the centre of the pixels that it
    sees. With "same" padding in Keras it can be half a pixel away. These
    strides are not learned.

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
        **kwargs: Any,
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

    def build(self, input_shape: Shape) -> None:
        self.convolution.build(input_shape)
        if self.norm is not None:
            self.norm.build((*input_shape[:3], self.channels))

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        x = self.convolution(x if self.pooling is None else _padded(x, 3))
        if self.norm is not None:
            x = ops.relu(self.norm(x, training=training))
        # After ReLU a zero is never above the maximum.
        return x if self.pooling is None else self.pooling(_padded(x, 1))

    def _convolved_size(self, size: Sequence[int]) -> tuple[int, ...]:
        return tuple(-(-n // self.convolution.strides[0]) for n in size)

    def output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The output size, (height, width)."""
        size = self._convolved_size(input_size)
        return size if self.pooling is None else tuple(-(-n // 2) for n in size)

    def multiply_adds(self, size: Sequence[int]) -> dict[str, Any]:
        """The row of the stem; see `Encoder.multiply_adds`."""
        count = multiply_adds.convolution_macs(
            self.convolution, self._convolved_size(size)
        )
        counts = {"convolution": count, "resampling": 0}
        return multiply_adds.row("stem", size, self.output_size(size), counts)


def _padded(x: Tensor, zeros: int) -> Tensor:
    """Pads height and width with zeros on every side."""
    return ops.pad(x, ((0, 0), (zeros, zeros), (zeros, zeros), (0, 0)))
