"""The convolutions of the image networks, each with its batch norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import multiply_adds
from audio_diffstride.models.downsampler import Downsample


def convolution(
    channels: int,
    taps: int,
    strides: Sequence[int] = (1, 1),
    padding: str = "same",
    **kwargs: Any,
) -> keras.layers.Conv2D:
    """Makes a convolution without a bias, because a norm is next to it.

    Args:
        channels: output channels.
        taps: of the square kernel.
        strides: of the convolution itself.
        padding: "same" or "valid".
        **kwargs: for `keras.layers.Conv2D`.
    """
    return keras.layers.Conv2D(
        channels,
        taps,
        strides=strides,
        padding=padding,
        use_bias=False,
        kernel_initializer="he_normal",
        data_format="channels_last",
        **kwargs,
    )


def depthwise_convolution(
    taps: int, strides: Sequence[int] = (1, 1), **kwargs: Any
) -> keras.layers.DepthwiseConv2D:
    """Makes a convolution of each channel alone, without a bias.

    Args:
        taps: of the square kernel.
        strides: of the convolution itself.
        **kwargs: for `keras.layers.DepthwiseConv2D`.
    """
    return keras.layers.DepthwiseConv2D(
        taps,
        strides=strides,
        padding="same",
        use_bias=False,
        # The fan-in would count all channels, but each sees only itself.
        depthwise_initializer=keras.initializers.VarianceScaling(
            2.0, mode="fan_out", distribution="truncated_normal"
        ),
        data_format="channels_last",
        **kwargs,
    )


class NormedConvolution(keras.layers.Layer):
    """A convolution with batch norm and an activation, in one of two orders.

    The usual order is convolution, downsampling, norm, activation. With
    `preactivation` it is norm, activation, convolution, downsampling.

    Args:
        layer: from `convolution` or `depthwise_convolution`.
        activation: of Keras, for example "relu". None is none.
        preactivation: whether norm and activation come first.
        downsample: the layer after the convolution, or None.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        channels: number of output channels, once it is built.
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        activation: str | None,
        preactivation: bool = False,
        downsample: Downsample | None = None,
        batch_norm_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.convolution = layer
        self.downsample = downsample
        self.norm = keras.layers.BatchNormalization(
            momentum=batch_norm_momentum, dtype=self.dtype_policy
        )
        self.activation = keras.activations.get(activation)
        self.preactivation = preactivation

    def build(self, input_shape: Shape) -> None:
        shape = self.convolution.compute_output_shape(input_shape)
        self.channels = shape[-1]
        self.convolution.build(input_shape)
        if self.downsample is not None:
            self.downsample.build(shape)
        self.norm.build(input_shape if self.preactivation else shape)

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        if self.preactivation:
            x = self.activation(self.norm(x, training=training))
            return self._convolve(x)
        return self.activation(self.norm(self._convolve(x), training=training))

    def _convolve(self, x: Tensor) -> Tensor:
        x = self.convolution(x)
        return x if self.downsample is None else self.downsample(x)

    def _convolved_size(self, size: Sequence[int]) -> tuple[int, ...]:
        return tuple(-(-n // s) for n, s in zip(size, self.convolution.strides))

    def output_size(self, input_size: Sequence[int]) -> tuple[int, ...]:
        """The current output size, (height, width)."""
        if self.downsample is None:
            return self._convolved_size(input_size)
        return self.downsample.output_size(input_size)

    def multiply_adds(self, size: Sequence[int]) -> dict[str, Any]:
        """The row of this layer; see `Encoder.multiply_adds`."""
        counts = {
            "convolution": multiply_adds.convolution_macs(
                self.convolution, self._convolved_size(size)
            ),
            "resampling": 0,
        }
        if self.downsample is not None:
            counts["resampling"] = multiply_adds.resampling_macs(
                self.downsample, size, self.channels
            )
        return multiply_adds.row(
            self.name, size, self.output_size(size), counts
        )
