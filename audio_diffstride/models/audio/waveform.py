"""The waveform network: convolutions along time on the waveform itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import multiply_adds
from audio_diffstride.models.downsampler import Downsample
from audio_diffstride.models.encoder import Encoder

_PUBLISHED = ARCHITECTURES["waveform"]


@keras.saving.register_keras_serializable(package="audio_diffstride")
class WaveformEncoder(Encoder):
    """The network M5: four convolutions along time, with downsampling.

    The first convolution is a filter bank of 10 ms every 0.5 ms. Its stride is
    fixed. All later strides can be learned. They set the bandwidth, in Hz,
    that each layer keeps of the outputs of the filters. The paper downsamples
    by max pooling of 4, the arm `max_pool`.

    Args:
        channels: of each convolution.
        strides: initial stride after each convolution, as tuples of one.
        first_taps: of the first convolution. 160 is 10 ms at 16 kHz.
        first_stride: of the first convolution. 8 is 0.5 ms at 16 kHz.
        **kwargs: for `Encoder`: width, downsampling and so on.

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
        channels: Sequence[int] = _PUBLISHED.channels or (),
        strides: Sequence[Sequence[float]] = _PUBLISHED.strides,
        first_taps: int = 160,
        first_stride: int = 8,
        **kwargs: Any,
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
        self.convolutions: list[Any] = []
        self.places: list[Any] = []
        self.norms: list[Any] = []
        for number, stride in enumerate(strides, start=1):
            downsample = Downsample(
                stride,
                **self.downsampler_kwargs,
                dtype=self.dtype_policy,
                name=f"block{number}",
            )
            self.places.append(downsample)
            is_first = number == 1
            self.convolutions.append(
                keras.layers.Conv1D(
                    self.widened(channels[number - 1]),
                    first_taps if is_first else 3,
                    strides=downsample.convolution_strides[0]
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
    def downsamplers(self) -> list[Any]:
        return self.places

    def build(self, input_shape: Shape) -> None:
        shape = tuple(input_shape)
        for convolution, downsample, norm in self.layers_by_block():
            convolution.build(shape)
            shape = (shape[0], None, convolution.filters)
            downsample.build(shape)
            norm.build(shape)

    def layers_by_block(self) -> list[list[Any]]:
        parts = zip(self.convolutions, self.places, self.norms)
        return [list(stage) for stage in parts]

    def encode(self, x: Tensor, training: bool | None = None) -> Tensor:
        for convolution, downsample, norm in self.layers_by_block():
            x = ops.relu(norm(downsample(convolution(x)), training=training))
        return x

    def input_sizes(self, size: Sequence[int]) -> list[tuple[int, ...]]:
        return super().input_sizes((-(-size[0] // self.first_stride),))

    def multiply_adds(self, size: Sequence[int]) -> list[dict[str, Any]]:
        rows = []
        for before, (convolution, downsample, _) in zip(
            self.input_sizes(size), self.layers_by_block()
        ):
            after = downsample.output_size(before)
            strided = downsample.downsampling == "strided_conv"
            counts = {
                "convolution": multiply_adds.convolution_macs(
                    convolution, after if strided else before
                ),
                "resampling": multiply_adds.resampling_macs(
                    downsample, before, convolution.filters
                ),
            }
            rows.append(
                multiply_adds.row(downsample.name, before, after, counts)
            )
        return rows

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], None, self.convolutions[-1].filters)
