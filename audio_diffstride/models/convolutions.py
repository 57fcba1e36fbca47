"""The convolutions of the image networks, each with its batch norm."""

from __future__ import annotations

import keras

from audio_diffstride.models import multiply_adds
from audio_diffstride.models.downsampler import Downsample


def convolution(
    channels: int,
    taps: int,
    strides=(1, 1),
    padding: str = "same",
    **kwargs,
):
    """A convolution as every image network here has it: beside a norm.

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


def depthwise_convolution(taps: int, strides=(1, 1), **kwargs):
    """The same, of every channel alone.

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
        # Its fan-in would count all channels, where each sees itself only.
        depthwise_initializer=keras.initializers.VarianceScaling(
            2.0, mode="fan_out", distribution="truncated_normal"
        ),
        data_format="channels_last",
        **kwargs,
    )


class NormedConvolution(keras.layers.Layer):
    """A convolution, batch norm and an activation, in one of two orders.

    After activation: convolution, downsampling, norm, activation. Before:
    norm, activation, convolution, downsampling.

    Args:
        layer: of `convolution` or `depthwise_convolution`.
        activation: of Keras, as "relu"; None is none.
        preactivation: whether norm and activation come first.
        downsample: what follows the convolution, or None.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        channels: at the output, once it is built.
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        activation: str | None,
        preactivation: bool = False,
        downsample: Downsample | None = None,
        batch_norm_momentum: float = 0.99,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.convolution = layer
        self.downsample = downsample
        self.norm = keras.layers.BatchNormalization(
            momentum=batch_norm_momentum, dtype=self.dtype_policy
        )
        self.activation = keras.activations.get(activation)
        self.preactivation = preactivation

    def build(self, input_shape):
        shape = self.convolution.compute_output_shape(input_shape)
        self.channels = shape[-1]
        self.convolution.build(input_shape)
        if self.downsample is not None:
            self.downsample.build(shape)
        self.norm.build(input_shape if self.preactivation else shape)

    def call(self, x, training=None):
        if self.preactivation:
            x = self.activation(self.norm(x, training=training))
            return self._convolve(x)
        return self.activation(self.norm(self._convolve(x), training=training))

    def _convolve(self, x):
        x = self.convolution(x)
        return x if self.downsample is None else self.downsample(x)

    def _convolved_size(self, size):
        return tuple(-(-n // s) for n, s in zip(size, self.convolution.strides))

    def output_size(self, input_size) -> tuple[int, int]:
        """The (height, width) that (height, width) come out with, now."""
        if self.downsample is None:
            return self._convolved_size(input_size)
        return self.downsample.output_size(input_size)

    def multiply_adds(self, size) -> dict:
        """The row of this layer; see `Encoder.multiply_adds`."""
        counts = {
            "convolution": multiply_adds.of_convolution(
                self.convolution, self._convolved_size(size)
            ),
            "resampling": 0,
        }
        if self.downsample is not None:
            counts["resampling"] = multiply_adds.of_downsample(
                self.downsample, size, self.channels
            )
        return multiply_adds.row(
            self.name, size, self.output_size(size), counts
        )
