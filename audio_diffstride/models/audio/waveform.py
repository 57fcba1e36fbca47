"""A network along time alone, on the waveform itself."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.models import multiply_adds
from audio_diffstride.models.downsampler import Downsample
from audio_diffstride.models.encoder import Encoder

_PUBLISHED = ARCHITECTURES["waveform"]


@keras.saving.register_keras_serializable(package="audio_diffstride")
class WaveformEncoder(Encoder):
    """M5: four convolutions along time, each followed by downsampling.

    The first convolution is a filter bank of 10 ms every 0.5 ms, which is
    fixed; from there on the strides are learned, and with them the bandwidth
    that is kept of what the filters found, in Hz, at each depth. The paper
    downsamples by max pooling of 4, the arm `max_pool`.

    Args:
        channels: of each convolution.
        strides: initial stride of each, as tuples of one.
        first_taps: of the first convolution: 10 ms at 16 kHz.
        first_stride: of the first convolution: 0.5 ms at 16 kHz.
        **kwargs: for `Encoder`: width, downsampling and the rest.

    Input shape:
        (batch, samples, 1).

    Output shape:
        (batch, samples', channels of the last convolution).

    References:
        Dai et al., "Very deep convolutional neural networks for raw
        waveforms", 2017, https://arxiv.org/abs/1610.00087, table 1.

    Example:
    >>> encoder = WaveformEncoder(width=0.125, downsampling="max_pool")
    >>> tuple(encoder(keras.ops.zeros((1, 16000, 1))).shape)
    (1, 8, 64)
    """

    def __init__(
        self,
        channels=_PUBLISHED.channels,
        strides=_PUBLISHED.strides,
        first_taps: int = 160,
        first_stride: int = 8,
        **kwargs,
    ):
        super().__init__(strides, **kwargs)
        if len(channels) != len(strides):
            raise ValueError(
                "`channels` and `strides` must have one entry per "
                f"convolution. Received: {len(channels)} channels, "
                f"{len(strides)} strides"
            )
        self._config |= {
            "channels": tuple(channels),
            "first_taps": first_taps,
            "first_stride": first_stride,
        }
        self.first_stride = first_stride
        common = {"data_format": "channels_last", "dtype": self.dtype_policy}
        self.convolutions, self.places, self.norms = [], [], []
        for number, stride in enumerate(strides, start=1):
            place = Downsample(
                stride,
                **self.arm,
                dtype=self.dtype_policy,
                name=f"block{number}",
            )
            self.places.append(place)
            is_first = number == 1
            self.convolutions.append(
                keras.layers.Conv1D(
                    self.widened(channels[number - 1]),
                    first_taps if is_first else 3,
                    strides=place.convolution_strides[0]
                    * (first_stride if is_first else 1),
                    padding="same",
                    **common,
                )
            )
            self.norms.append(
                keras.layers.BatchNormalization(
                    momentum=self.batch_norm_momentum, dtype=self.dtype_policy
                )
            )

    @property
    def downsamplers(self):
        return self.places

    def build(self, input_shape):
        shape = tuple(input_shape)
        for convolution, place, norm in self._stages:
            convolution.build(shape)
            shape = (shape[0], None, convolution.filters)
            place.build(shape)
            norm.build(shape)

    @property
    def _stages(self):
        return zip(self.convolutions, self.places, self.norms)

    def encode(self, x, training=None):
        for convolution, place, norm in self._stages:
            x = ops.relu(norm(place(convolution(x)), training=training))
        return x

    def input_sizes(self, size):
        return super().input_sizes((-(-size[0] // self.first_stride),))

    def multiply_adds(self, size):
        rows = []
        for before, (convolution, place, _) in zip(
            self.input_sizes(size), self._stages
        ):
            after = place.output_size(before)
            strided = place.downsampling == "strided_conv"
            counts = {
                "convolution": multiply_adds.of_convolution(
                    convolution, after if strided else before
                ),
                "resampling": multiply_adds.of_downsample(
                    place, before, convolution.filters
                ),
            }
            rows.append(multiply_adds.row(place.name, before, after, counts))
        return rows

    def compute_output_shape(self, input_shape):
        return (input_shape[0], None, self.convolutions[-1].filters)
