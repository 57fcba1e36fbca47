"""What every encoder is: features to features, downsampled on the way."""

from __future__ import annotations

import abc

import keras

from audio_diffstride.models.complexity import complexity


class Encoder(keras.layers.Layer):
    """Base of the encoders: what their arms have in common.

    A subclass makes its layers with `self.widened`, `self.initial_strides` and
    `self.arm`, adds its own arguments to `self._config`, and says in
    `downsamplers` where it downsamples. From there on reports, the complexity
    J and compiled steps know what to do.

    Args:
        strides: initial strides of each place where it downsamples.
        width: factor on all the channels; 0.25 suits a laptop.
        downsampling: how an axis is downsampled; the arms of a comparison
            differ in nothing else. See `DownsamplerBase`.
        smoothness_factor: of `DiffStride`, as are the next five.
        transition_band: "outside" or "inside" the cut-off.
        smoothness_percent: of the axis, in place of bins.
        shared_stride: whether the axes of a place are tied.
        fixed_sizes: for compiled steps.
        size_multiple: that sizes are rounded up to.
        complexity_weight: the paper's lambda: `complexity_weight *
            complexity(strides)` is added to the training loss.
        batch_norm_momentum: of the moving statistics.
        **kwargs: for `keras.layers.Layer`.

    Attributes:
        arm: {"downsampling", "diffstride"}: arguments of every downsampler.
        pooling: "max" or "average": what the heads are put on.

    Raises:
        ValueError: for a negative `complexity_weight`.
    """

    pooling = "average"

    def __init__(
        self,
        strides,
        width: float = 1.0,
        downsampling: str = "diffstride",
        smoothness_factor: float = 4.0,
        transition_band: str = "outside",
        smoothness_percent: float = 0.0,
        shared_stride: bool = False,
        fixed_sizes: bool = False,
        size_multiple: int = 1,
        complexity_weight: float = 0.0,
        batch_norm_momentum: float = 0.99,
        **kwargs,
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
        }
        self._config = {
            "strides": tuple(tuple(several) for several in strides),
            "width": width,
            "downsampling": downsampling,
            **diffstride,
            "complexity_weight": complexity_weight,
            "batch_norm_momentum": batch_norm_momentum,
        }
        self.width = width
        self.initial_strides = self._config["strides"]
        self.arm = {"downsampling": downsampling, "diffstride": diffstride}
        self.complexity_weight = complexity_weight
        self.batch_norm_momentum = batch_norm_momentum

    def widened(self, channels: int) -> int:
        """A number of channels times `width`, at least one."""
        return max(1, round(self.width * channels))

    @property
    @abc.abstractmethod
    def downsamplers(self) -> list:
        """Every `DownsamplerBase`, in depth order."""

    @abc.abstractmethod
    def encode(self, x, training=None):
        """What `call` does, but for the complexity."""

    @abc.abstractmethod
    def multiply_adds(self, size) -> list[dict]:
        """One dict per block: its name, sizes and counted multiply-adds.

        Args:
            size: of the spatial axes of an example at the input.

        Returns:
            Rows of block, input_size, output_size, convolution, resampling
            and total; see `audio_diffstride.multiply_adds`.
        """

    def input_sizes(self, size) -> list[tuple[int, ...]]:
        """The size at the input of every downsampler, now."""
        sizes = []
        for downsampler in self.downsamplers:
            sizes.append(tuple(size))
            size = downsampler.output_size(size)
        return sizes

    def call(self, x, training=None):
        x = self.encode(x, training)
        if self.complexity_weight and training:
            cost = complexity([place.strides for place in self.downsamplers])
            self.add_loss(self.complexity_weight * cost)
        return x

    def get_config(self):
        return {**super().get_config(), **self._config}
