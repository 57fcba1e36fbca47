"""EfficientNet-B0, for images and spectrograms."""

from __future__ import annotations

from typing import NamedTuple

import keras

from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.models.convolutions import NormedConvolution, convolution
from audio_diffstride.models.downsampler import Downsample
from audio_diffstride.models.image.image_encoder import ImageEncoder
from audio_diffstride.models.image.mobile_block import MobileBlock
from audio_diffstride.models.image.stem import check_kind

_PUBLISHED = ARCHITECTURES["efficientnet_b0"]


class Stage(NamedTuple):
    """Blocks of one kind, the first of which may downsample.

    Attributes:
        num_blocks: in a row.
        taps: of their depthwise convolutions.
        expansion: of their channels.
        channels: that they come out with.
    """

    num_blocks: int
    taps: int
    expansion: int
    channels: int


B0 = (
    Stage(1, 3, 1, 16),
    Stage(2, 3, 6, 24),
    Stage(2, 5, 6, 40),
    Stage(3, 3, 6, 80),
    Stage(3, 5, 6, 112),
    Stage(4, 5, 6, 192),
    Stage(1, 3, 6, 320),
)
_STEM_CHANNELS, _TOP_CHANNELS = 32, 1280


@keras.saving.register_keras_serializable(package="audio_diffstride")
class EfficientNet(ImageEncoder):
    """Stages of mobile blocks between two convolutions.

    The first depthwise convolution of each stage is a place that may
    downsample: its stride ("strided_conv", the published network), or what
    follows it when it has none. There are seven, stage1 to stage7, of which
    two begin with a stride of 1.

    What is drawn at random in training comes from the seed of the run, and is
    kept with it: drop-connect in the blocks, whose rate grows from 0 with
    depth, and at the end dropout of whole channels, which is the published
    dropout of the pooled channels.

    Args:
        strides: initial (height, width) strides of each stage.
        stem: "small": a (3 x 3) convolution that keeps the size; "large": of
            stride 2, which is not for learning.
        stages: (number of blocks, taps, expansion, channels) of each.
        drop_connect: the rate that it would reach one block after the last.
        dropout: of the channels at the end.
        **kwargs: for `Encoder`: width, downsampling and the rest.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, height', width', 1280 * width).

    References:
        Tan and Le, 2019, https://arxiv.org/abs/1905.11946, table 1; Riad et
        al., 2022, https://arxiv.org/abs/2202.01653, appendix A.

    Example:
    >>> encoder = EfficientNet(stages=B0[:2], strides=((1, 1), (2, 2)))
    >>> [place.name for place in encoder.downsamplers]
    ['stage1', 'stage2']
    """

    def __init__(
        self,
        strides=_PUBLISHED.strides,
        stem: str = "small",
        stages=B0,
        drop_connect: float = 0.2,
        dropout: float = 0.2,
        **kwargs,
    ):
        super().__init__(strides, **kwargs)
        check_kind(stem)
        stages = tuple(Stage(*stage) for stage in stages)
        if len(stages) != len(strides):
            raise ValueError(
                "`strides` must have one entry per stage. Received: "
                f"{len(stages)} stages, {len(strides)} strides"
            )
        self._config |= {
            "stem": stem,
            "stages": tuple(tuple(stage) for stage in stages),
            "drop_connect": drop_connect,
            "dropout": dropout,
        }
        common = {"dtype": self.dtype_policy}
        before = self.widened(_STEM_CHANNELS)
        self.stem = self._convolution(
            before, 3, (2, 2) if stem == "large" else (1, 1), name="stem"
        )
        num_blocks = sum(stage.num_blocks for stage in stages)
        for number, (stage, pair) in enumerate(zip(stages, strides), start=1):
            channels = self.widened(stage.channels)
            downsample = Downsample(
                pair, **self.arm, **common, name=f"stage{number}"
            )
            for index in range(stage.num_blocks):
                first = index == 0
                self.blocks.append(
                    MobileBlock(
                        before,
                        channels,
                        stage.taps,
                        stage.expansion,
                        downsample=downsample if first else None,
                        skip=not first,
                        drop_connect=drop_connect
                        * len(self.blocks)
                        / num_blocks,
                        batch_norm_momentum=self.batch_norm_momentum,
                        **common,
                        name=f"stage{number}_block{index + 1}",
                    )
                )
                before = channels
        self.blocks.append(
            self._convolution(self.widened(_TOP_CHANNELS), 1, name="top")
        )
        self.dropout = keras.layers.SpatialDropout2D(
            dropout, data_format="channels_last", **common
        )

    def _convolution(self, channels: int, taps: int, strides=(1, 1), name=None):
        common = {"dtype": self.dtype_policy}
        return NormedConvolution(
            convolution(channels, taps, strides, **common),
            "silu",
            batch_norm_momentum=self.batch_norm_momentum,
            **common,
            name=name,
        )

    def encode(self, x, training=None):
        x = super().encode(x, training)
        return self.dropout(x, training=training)
