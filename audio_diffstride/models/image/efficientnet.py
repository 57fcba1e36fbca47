"""The network EfficientNet-B0, for images and spectrograms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import keras

from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.layers.types import Tensor
from audio_diffstride.models.convolutions import NormedConvolution, convolution
from audio_diffstride.models.downsampler import Downsample
from audio_diffstride.models.image.image_encoder import ImageEncoder
from audio_diffstride.models.image.mobile_block import MobileBlock
from audio_diffstride.models.image.stem import check_kind

_PUBLISHED = ARCHITECTURES["efficientnet_b0"]


class Stage(NamedTuple):
    """Blocks of one kind. The first one may downsample.

    Attributes:
        num_blocks: number of blocks.
        taps: of the depthwise convolutions.
        expansion: factor on the channels within a block.
        channels: output channels.
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

    Each stage downsamples at its first depthwise convolution. This is either
    the stride of the convolution ("strided_conv", the published network), or
    a layer after it. There are seven such layers, stage1 to stage7. Two of
    them have an initial stride of 1.

    Two parts are random in training. Drop-connect in the blocks has a rate
    that grows from 0 with depth. Dropout at the end drops whole channels,
    which equals the published dropout after pooling. Both draw from the seed
    of the run, and a checkpoint keeps their state.

    Args:
        strides: initial (height, width) strides of each stage.
        stem: "small" or "large". Small is a (3 x 3) convolution that keeps the
            size. Large is one of stride 2, which is not learned.
        stages: (number of blocks, taps, expansion, channels) of each stage.
        drop_connect: the rate that a block after the last one would have.
        dropout: rate of the dropout at the end.
        **kwargs: for `Encoder`: width, downsampling and so on.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, height', width', 1280 * width).

    References:
        Tan and Le, 2019, https://arxiv.org/abs/1905.11946, table 1; Riad et
        al., 2022, https://arxiv.org/abs/2202.01653, appendix A.

    Example:
    >>> encoder = EfficientNet(stages=B0[:2], strides=((1, 1), (2, 2)))
    >>> [layer.name for layer in encoder.downsamplers]
    ['stage1', 'stage2']
    """

    def __init__(
        self,
        strides: Sequence[Sequence[float]] = _PUBLISHED.strides,
        stem: str = "small",
        stages: Iterable[Any] = B0,
        drop_connect: float = 0.2,
        dropout: float = 0.2,
        **kwargs: Any,
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
        common: dict[str, Any] = {"dtype": self.dtype_policy}
        before = self.widened(_STEM_CHANNELS)
        self.stem = self._convolution(
            before, 3, (2, 2) if stem == "large" else (1, 1), name="stem"
        )
        num_blocks = sum(stage.num_blocks for stage in stages)
        for number, (stage, pair) in enumerate(zip(stages, strides), start=1):
            channels = self.widened(stage.channels)
            downsample = Downsample(
                pair,
                **self.downsampler_kwargs,
                **common,
                name=f"stage{number}",
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

    def _convolution(
        self,
        channels: int,
        taps: int,
        strides: Sequence[int] = (1, 1),
        name: str | None = None,
    ) -> NormedConvolution:
        common: dict[str, Any] = {"dtype": self.dtype_policy}
        return NormedConvolution(
            convolution(channels, taps, strides, **common),
            "silu",
            batch_norm_momentum=self.batch_norm_momentum,
            **common,
            name=name,
        )

    def encode(self, x: Tensor, training: bool | None = None) -> Tensor:
        x = super().encode(x, training)
        return self.dropout(x, training=training)
