"""The base of every encoder: it maps features to features and downsamples."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Sequence
from typing import Any

import keras

from audio_diffstride.layers.types import Tensor
from audio_diffstride.models.complexity import complexity
from audio_diffstride.models.downsampler import DownsamplerBase


class Encoder(keras.layers.Layer):
    """Base of the encoders, with the arguments that they share.

    A subclass makes its layers with `self.widened`, `self.initial_strides` and
    `self.downsampler_kwargs`. It adds its own arguments to `self._config`. It
    lists its downsampling layers in `downsamplers`. Reports, the complexity J
    and compiled steps need nothing else.

    Args:
        strides: initial strides of each downsampling layer.
        width: factor on the number of all channels. 0.25 suits a laptop.
        downsampling: how an axis is downsampled; see `DownsamplerBase`. The
            arms of a comparison differ in nothing else.
        smoothness_factor: for `DiffStride`, as are the next ten.
        transition_band: "outside" or "inside" the cut-off.
        smoothness_percent: the transition band in percent of the axis.
        shared_stride: whether the axes share a stride.
        fixed_sizes: whether sizes are constants of the compiled step.
        size_multiple: sizes are rounded up to a multiple of this.
        folding: share of what lies beyond the cut-off that is folded back.
        learn_folding: whether it is learned, for each layer and axis.
        shared_folding: whether the axes of a layer share it.
        folded_axes: "all", "first" or "second": the axes that fold.
        folded_channels: "all" or "half": the channels that fold.
        complexity_weight: the paper's lambda. `complexity_weight *
            complexity(strides)` is added to the training loss.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        downsampler_kwargs: arguments of every downsampling layer:
            "downsampling" and "diffstride".
        pooling: "max" or "average", for the global pooling before the heads.

    Raises:
        ValueError: for a negative `complexity_weight`.
    """

    pooling = "average"

    def __init__(
        self,
        strides: Iterable[Iterable[float]],
        width: float = 1.0,
        downsampling: str = "diffstride",
        smoothness_factor: float = 4.0,
        transition_band: str = "outside",
        smoothness_percent: float = 0.0,
        shared_stride: bool = False,
        fixed_sizes: bool = False,
        size_multiple: int = 1,
        folding: float = 0.0,
        learn_folding: bool = False,
        shared_folding: bool = False,
        folded_axes: str = "all",
        folded_channels: str = "all",
        complexity_weight: float = 0.0,
        batch_norm_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if not complexity_weight >= 0:
            raise ValueError(
                "`complexity_weight` must be >= 0. "
                f"Received: complexity_weight={complexity_weight!r}"
            )
        diffstride = {
            "smoothness_factor": smoothness_factor,
            "transition_band": transition_band,
            "smoothness_percent": smoothness_percent,
            "shared_stride": shared_stride,
            "fixed_sizes": fixed_sizes,
            "size_multiple": size_multiple,
            "folding": folding,
            "learn_folding": learn_folding,
            "shared_folding": shared_folding,
            "folded_axes": folded_axes,
            "folded_channels": folded_channels,
        }
        self._config: dict[str, Any] = {
            "strides": tuple(tuple(several) for several in strides),
            "width": width,
            "downsampling": downsampling,
            **diffstride,
            "complexity_weight": complexity_weight,
            "batch_norm_momentum": batch_norm_momentum,
        }
        self.width = width
        self.initial_strides = self._config["strides"]
        self.downsampler_kwargs: dict[str, Any] = {
            "downsampling": downsampling,
            "diffstride": diffstride,
        }
        self.complexity_weight = complexity_weight
        self.batch_norm_momentum = batch_norm_momentum

    def widened(self, channels: int) -> int:
        """The number of channels times `width`, at least one."""
        return max(1, round(self.width * channels))

    @property
    @abc.abstractmethod
    def downsamplers(self) -> list[DownsamplerBase]:
        """The downsampling layers, in depth order.

        The name is part of the paths of saved weights, so it must not change.
        """

    @abc.abstractmethod
    def layers_by_block(self) -> list[list[Any]]:
        """The layers of each block, in depth order; a stem is of the first.

        It is no property: Keras saves layers under those that hold them.
        """

    @abc.abstractmethod
    def encode(self, x: Tensor, training: bool | None = None) -> Tensor:
        """Computes the output, without adding the complexity to the loss."""

    @abc.abstractmethod
    def multiply_adds(self, size: Sequence[int]) -> list[dict[str, Any]]:
        """Counts the multiply-adds of each block for one example.

        Args:
            size: of the spatial axes of an example at the input.

        Returns:
            One row per block: block, input_size, output_size, convolution,
            resampling and total; see `audio_diffstride.models.multiply_adds`.
        """

    def input_sizes(self, size: Sequence[int]) -> list[tuple[int, ...]]:
        """The current size at the input of every downsampling layer."""
        sizes = []
        for downsampler in self.downsamplers:
            sizes.append(tuple(size))
            size = downsampler.output_size(size)
        return sizes

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        x = self.encode(x, training)
        if self.complexity_weight and training:
            cost = complexity([layer.strides for layer in self.downsamplers])
            self.add_loss(self.complexity_weight * cost)
        return x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._config}
