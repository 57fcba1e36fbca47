"""The residual block. Its two branches share their strides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import multiply_adds
from audio_diffstride.models.convolutions import convolution
from audio_diffstride.models.downsampler import Downsample


class ResidualBlock(keras.layers.Layer):
    """Two (3 x 3) convolutions and a shortcut.

    An identity block keeps size and channels. A shortcut block downsamples
    twice: after its first convolution, and after the (1 x 1) convolution of
    its shortcut. One `Downsample` layer does both. So the branches have equal
    sizes, and there is one pair of strides to learn (Figure 2b of the paper).
    The shortcut has no convolution if the channels do not change and the
    initial strides are 1.

    Batch norm and ReLU come after each convolution (He et al., 2016a), or
    before it (He et al., 2016b). If they come before it, the shortcut starts
    at the input of the block and has no norm, as in the released code.

    Args:
        channels: output channels.
        downsample: a `Downsample`, or None in an identity block.
        project: whether the shortcut has a convolution.
        preactivation: whether norm and ReLU come before the convolutions.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        The same, downsampled, with the new channels.

    References:
        He et al., 2016a, https://arxiv.org/abs/1512.03385; 2016b,
        https://arxiv.org/abs/1603.05027; Riad et al., 2022, section 2.4.1.
    """

    def __init__(
        self,
        channels: int,
        downsample: Downsample | None = None,
        project: bool = False,
        preactivation: bool = False,
        batch_norm_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.channels = channels
        self.downsample = downsample
        self.preactivation = preactivation
        strides = downsample.convolution_strides if downsample else (1, 1)
        common = {"dtype": self.dtype_policy}
        self.convolutions = [
            convolution(channels, 3, strides, **common),
            convolution(channels, 3, **common),
        ]
        self.shortcut = None
        if project:
            self.shortcut = convolution(channels, 1, strides, **common)
        has_third = project and not preactivation
        self.norms = [
            keras.layers.BatchNormalization(
                momentum=batch_norm_momentum, **common
            )
            for _ in range(3 if has_third else 2)
        ]

    def build(self, input_shape: Shape) -> None:
        inner = (*input_shape[:1], None, None, self.channels)
        self.convolutions[0].build(input_shape)
        self.convolutions[1].build(inner)
        self.norms[0].build(input_shape if self.preactivation else inner)
        self.norms[1].build(inner)
        if self.downsample is not None:
            self.downsample.build(inner)
        if self.shortcut is not None:
            self.shortcut.build(input_shape)
        for norm in self.norms[2:]:
            norm.build(inner)

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        norms = [_applied(norm, training) for norm in self.norms]
        first, second = self.convolutions
        shortcut = x
        if self.shortcut is not None:
            shortcut = self.shortcut(shortcut)
        shortcut = self._downsampled(shortcut)
        if self.preactivation:
            x = self._downsampled(first(ops.relu(norms[0](x))))
            return shortcut + second(ops.relu(norms[1](x)))
        x = ops.relu(norms[0](self._downsampled(first(x))))
        x = norms[1](second(x))
        if self.shortcut is not None:
            shortcut = norms[2](shortcut)
        return ops.relu(shortcut + x)

    def _downsampled(self, x: Tensor) -> Tensor:
        return x if self.downsample is None else self.downsample(x)

    def output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The current output size, (height, width)."""
        if self.downsample is None:
            return tuple(input_size)
        return self.downsample.output_size(input_size)

    def multiply_adds(self, size: Sequence[int]) -> dict[str, Any]:
        """The row of this block; see `Encoder.multiply_adds`."""
        new_size = self.output_size(size)
        downsample = self.downsample
        strided = (
            downsample is not None and downsample.downsampling == "strided_conv"
        )
        first = new_size if strided else size
        counts = {
            "convolution": multiply_adds.convolution_macs(
                self.convolutions[0], first
            )
            + multiply_adds.convolution_macs(self.convolutions[1], new_size),
            "resampling": 0,
        }
        if self.shortcut is not None:
            counts["convolution"] += multiply_adds.convolution_macs(
                self.shortcut, first
            )
        if downsample is not None:
            branches = 2
            counts["resampling"] = branches * multiply_adds.resampling_macs(
                downsample, size, self.channels
            )
        return multiply_adds.row(self.name, size, new_size, counts)


def _applied(norm: Any, training: bool | None) -> Callable[[Tensor], Tensor]:
    return lambda x: norm(x, training=training)
