"""The network ResNet-18, for images and spectrograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.models.downsampler import Downsample
from audio_diffstride.models.image.image_encoder import ImageEncoder
from audio_diffstride.models.image.residual_block import ResidualBlock
from audio_diffstride.models.image.stem import Stem

_PUBLISHED = ARCHITECTURES["resnet18"]


@keras.saving.register_keras_serializable(package="audio_diffstride")
class ResNet(ImageEncoder):
    """Stages of residual blocks. The first block of a stage may downsample.

    With four stages of two blocks this is ResNet-18. A downsampling layer has
    the name of its stage: stage2, stage3, stage4.

    Args:
        channels: of each stage.
        strides: initial (height, width) strides of each stage, or of all but
            the first, which then keeps its size.
        stem: "small" or "large". Small is one (3 x 3) convolution. Large is a
            (7 x 7) convolution of stride 2 and max pooling of stride 2, for
            images of 224 pixels.
        preactivation: whether norm and ReLU come before the convolutions, as
            in the released code of the paper, or after them, as in its text.
        blocks_per_stage: number of blocks. ResNet-18 has 2.
        **kwargs: for `Encoder`: width, downsampling and so on.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, height', width', channels of the last stage).

    References:
        He et al., 2016, https://arxiv.org/abs/1512.03385, table 1; Riad et
        al., 2022, https://arxiv.org/abs/2202.01653, section 3.2.

    Example:
    >>> encoder = ResNet(width=0.25, downsampling="strided_conv")
    >>> tuple(encoder(keras.ops.zeros((1, 32, 32, 3))).shape)
    (1, 4, 4, 128)
    """

    def __init__(
        self,
        channels: Sequence[int] = _PUBLISHED.channels or (),
        strides: Sequence[Sequence[float]] = _PUBLISHED.strides,
        stem: str = "small",
        preactivation: bool = False,
        blocks_per_stage: int = 2,
        **kwargs: Any,
    ):
        super().__init__(strides, **kwargs)
        left_out = len(channels) - len(strides)
        if left_out not in (0, 1):
            raise ValueError(
                "`strides` must have one entry per stage, or per stage but "
                f"the first. Received: {len(channels)} channels, "
                f"{len(strides)} strides"
            )
        self._config |= {
            "channels": tuple(channels),
            "stem": stem,
            "preactivation": preactivation,
            "blocks_per_stage": blocks_per_stage,
        }
        common: dict[str, Any] = {
            "batch_norm_momentum": self.batch_norm_momentum,
            "dtype": self.dtype_policy,
        }
        before = self.widened(channels[0])
        # With preactivation, the first block starts with its own norm.
        self.stem = Stem(
            before,
            stem,
            activate=stem == "large" or not preactivation,
            **common,
            name="stem",
        )
        pairs: list[Any] = [None] * left_out + [*strides]
        stages = zip(channels, pairs)
        for stage, (stage_channels, pair) in enumerate(stages, start=1):
            stage_channels = self.widened(stage_channels)
            downsample, project = None, stage_channels != before
            if pair is not None:
                downsample = Downsample(
                    pair,
                    **self.downsampler_kwargs,
                    dtype=self.dtype_policy,
                    name=f"stage{stage}",
                )
                project |= any(stride != 1 for stride in pair)
            for number in range(1, blocks_per_stage + 1):
                self.blocks.append(
                    ResidualBlock(
                        stage_channels,
                        downsample if number == 1 else None,
                        project=project and number == 1,
                        preactivation=preactivation,
                        **common,
                        name=f"stage{stage}_block{number}",
                    )
                )
            before = stage_channels
        if preactivation:
            self.add_last_norm()
