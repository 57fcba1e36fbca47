"""The network DenseNet-BC, for images and spectrograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.models.convolutions import NormedConvolution, convolution
from audio_diffstride.models.downsampler import Downsample
from audio_diffstride.models.image.dense_block import DenseBlock
from audio_diffstride.models.image.image_encoder import ImageEncoder
from audio_diffstride.models.image.stem import Stem

_PUBLISHED = ARCHITECTURES["densenet121"]


@keras.saving.register_keras_serializable(package="audio_diffstride")
class DenseNet(ImageEncoder):
    """Dense blocks, with transitions between them that downsample.

    A transition has batch norm, ReLU and a (1 x 1) convolution that halves the
    channels: the compression C of DenseNet-BC. In the published network (2 x
    2) average pooling follows. This is the arm "average_pool". Other arms
    replace the pooling. "strided_conv" gives the stride to the (1 x 1)
    convolution. The downsampling layers are named transition1, transition2
    and so on.

    DenseNet-121 has three transitions. But in the paper, on 32 x 32 pixels,
    "the considered architecture for DenseNet has two downsampling steps". So
    the first transition can go without strides. It then only compresses, and
    the sizes are 32, 16 and 8 pixels, as in the DenseNets of Huang et al. for
    CIFAR.

    Args:
        strides: initial (height, width) strides of each transition, or of all
            but the first, which then keeps its size.
        stem: "small" or "large". Small is one (3 x 3) convolution. Large is a
            (7 x 7) convolution of stride 2 and max pooling of stride 2, for
            images of 224 pixels.
        layers_per_block: one number per dense block.
        growth: channels that a layer adds, and half the channels of the stem.
            `width` scales it, and so all channels.
        **kwargs: for `Encoder`: width, downsampling and so on.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, height', width', channels of the last block).

    References:
        Huang et al., 2017, https://arxiv.org/abs/1608.06993, table 1; Riad et
        al., 2022, https://arxiv.org/abs/2202.01653, appendix A.

    Example:
    >>> encoder = DenseNet(layers_per_block=(1, 1), strides=((2, 2),))
    >>> encoder.downsamplers[0].name
    'transition1'
    """

    def __init__(
        self,
        strides: Sequence[Sequence[float]] = _PUBLISHED.strides,
        stem: str = "small",
        layers_per_block: Sequence[int] = (6, 12, 24, 16),
        growth: int = 32,
        **kwargs: Any,
    ):
        super().__init__(strides, **kwargs)
        left_out = len(layers_per_block) - 1 - len(strides)
        if left_out not in (0, 1):
            raise ValueError(
                "`strides` must have one entry per transition, or per "
                "transition but the first. Received: "
                f"{len(layers_per_block)} dense blocks, {len(strides)} strides"
            )
        self._config |= {
            "stem": stem,
            "layers_per_block": tuple(layers_per_block),
            "growth": growth,
        }
        growth = self.widened(growth)
        common = {
            "batch_norm_momentum": self.batch_norm_momentum,
            "dtype": self.dtype_policy,
        }
        channels = 2 * growth
        # After a small stem the first dense layer has the first norm.
        self.stem = Stem(
            channels, stem, activate=stem == "large", **common, name="stem"
        )
        pairs: list[Any] = [None] * left_out + [*strides]
        for number, num_layers in enumerate(layers_per_block, start=1):
            self.blocks.append(
                DenseBlock(num_layers, growth, **common, name=f"dense{number}")
            )
            channels += num_layers * growth
            if number <= len(pairs):
                channels //= 2
                self.blocks.append(
                    self._transition(number, channels, pairs[number - 1])
                )
        self.add_last_norm()

    def _transition(
        self, number: int, channels: int, pair: Sequence[float] | None
    ) -> NormedConvolution:
        name = f"transition{number}"
        common: dict[str, Any] = {"dtype": self.dtype_policy}
        downsample: Downsample | None = None
        strides: tuple[int, ...] = (1, 1)
        if pair is not None:
            downsample = Downsample(
                pair, **self.downsampler_kwargs, **common, name=name
            )
            strides = downsample.convolution_strides
        return NormedConvolution(
            convolution(channels, 1, strides, **common),
            "relu",
            preactivation=True,
            downsample=downsample,
            batch_norm_momentum=self.batch_norm_momentum,
            **common,
            name=name,
        )
