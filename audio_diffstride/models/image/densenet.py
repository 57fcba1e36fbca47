"""DenseNet-BC, for images and spectrograms."""

from __future__ import annotations

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
    """Dense blocks, and transitions between them that downsample.

    A transition is batch norm, ReLU and a (1 x 1) convolution that halves the
    channels (the compression C of DenseNet-BC), then (2 x 2) average pooling:
    it is the pooling that other arms replace, "average_pool" is the published
    network, and "strided_conv" gives the (1 x 1) convolution the stride. The
    places are named transition1, transition2 and so on.

    DenseNet-121 has three transitions, but "the considered architecture for
    DenseNet has two downsampling steps" in the paper, on 32 x 32 pixels. The
    first transition may do without strides therefore: it then compresses only,
    and the maps are of 32, 16 and 8 pixels, as in the DenseNets that Huang et
    al. made for CIFAR.

    Args:
        strides: initial (height, width) strides of each transition, or of all
            but the first, which then keeps its size.
        stem: "small": one (3 x 3) convolution; "large": a (7 x 7) convolution
            of stride 2 and max pooling of stride 2, for images of 224 pixels.
        layers_per_block: one number per dense block.
        growth: maps that a layer adds, and half of the stem's; `width` scales
            it, and with it all channels.
        **kwargs: for `Encoder`: width, downsampling and the rest.

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
        strides=_PUBLISHED.strides,
        stem: str = "small",
        layers_per_block=(6, 12, 24, 16),
        growth: int = 32,
        **kwargs,
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
        # In a small one the norm of the first dense layer is the first.
        self.stem = Stem(
            channels, stem, activate=stem == "large", **common, name="stem"
        )
        pairs = [None] * left_out + [*strides]
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

    def _transition(self, number: int, channels: int, pair):
        name, common = f"transition{number}", {"dtype": self.dtype_policy}
        downsample, strides = None, (1, 1)
        if pair is not None:
            downsample = Downsample(pair, **self.arm, **common, name=name)
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
