"""The base of DiffStride that folds: how much, along which axes, of what."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers import spectral
from audio_diffstride.layers.arguments import checked_folding
from audio_diffstride.layers.axis_resampling import AxisResampling
from audio_diffstride.layers.folding import FoldingBounds, folding_matrix
from audio_diffstride.layers.types import Shape, Size, Tensor

# What folds. A config has the same words.
AXES = ("all", "first", "second", "third")
CHANNELS = ("all", "half")


class FoldingResampling(AxisResampling):
    """Base of the layer that filters, and folds back a share of the rest.

    A subclass defines the `mask` of an axis, and `_size`.

    Args:
        strides: a number, or one number per spatial axis.
        folding: the share, or one per spatial axis. This and all that follow
            are described in `DiffStride`.
        learn_folding: whether it is learned.
        shared_folding: whether all axes share it.
        folded_axes: "all", "first", "second" or "third".
        folded_channels: "all" or "half".
        **kwargs: for `AxisResampling`.
    """

    def __init__(
        self,
        strides: float | Sequence[float],
        folding: float | Sequence[float],
        learn_folding: bool,
        shared_folding: bool,
        folded_axes: str,
        folded_channels: str,
        **kwargs: Any,
    ):
        super().__init__(strides, **kwargs)
        for name, value, allowed in (
            ("folded_axes", folded_axes, AXES),
            ("folded_channels", folded_channels, CHANNELS),
        ):
            if value not in allowed:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(map(repr, allowed))}."
                    f" Received: {name}={value!r}"
                )
        self.initial_folding = checked_folding(folding)
        self.folding: Any = self.initial_folding
        self.learn_folding: bool = bool(learn_folding)
        self.shared_folding: bool = bool(shared_folding)
        self.folded_axes: str = folded_axes
        self.folded_channels: str = folded_channels

    @abc.abstractmethod
    def mask(self, size: Size, spatial_axis: int) -> Tensor:
        """The mask over the bins of an axis of N = `size` samples."""

    def build(self, input_shape: Shape) -> None:
        initial = self._folding_per_axis(len(input_shape) - 2)
        self.folding = initial
        if not self.learn_folding:
            return
        if self.shared_folding and len(set(initial)) > 1:
            raise ValueError(
                "`folding` must be equal where `shared_folding` is set. "
                f"Received: folding={initial}"
            )
        initial = initial[:1] if self.shared_folding else initial
        self.folding = self.add_weight(
            name="folding",
            shape=(len(initial),),
            initializer=lambda shape, dtype: ops.convert_to_tensor(
                initial, dtype
            ),
            dtype=keras.backend.result_type(self.variable_dtype, "float32"),
            constraint=FoldingBounds(),
            autocast=False,
            trainable=self.trainable,
        )

    def _folding_per_axis(self, rank: int) -> tuple[float, ...]:
        several = self.initial_folding
        if isinstance(several, float):
            several = (several,) * rank
        if len(several) != rank or AXES.index(self.folded_axes) > rank:
            raise ValueError(
                "`folding` and `folded_axes` must fit the input. Received: "
                f"folding={self.initial_folding}, folded_axes="
                f"{self.folded_axes!r} for an input with {rank} spatial axes"
            )
        return several

    @property
    def has_two_matrices(self) -> bool:  # type: ignore[override]
        return self.folded_channels == "half"

    def folds(self, spatial_axis: int) -> bool:
        if self.folded_axes not in ("all", AXES[spatial_axis + 1]):
            return False
        several = self.initial_folding
        if not isinstance(several, float):
            several = several[spatial_axis]
        return self.learn_folding or several > 0

    def folding_of(self, spatial_axis: int) -> Any:
        if not self.folds(spatial_axis):
            return 0.0
        is_shared = self.learn_folding and self.shared_folding
        return self.folding[0 if is_shared else spatial_axis]

    def call(
        self, x: Tensor, axes: int | Iterable[int] | None = None
    ) -> Tensor:
        channel_axis = -1 if self.data_format == "channels_last" else 1
        channels = x.shape[channel_axis]
        if not self.has_two_matrices or channels == 1:
            return self._resample(x, axes, self.matrix)
        unfolded, folded = ops.split(x, [channels // 2], axis=channel_axis)
        unfolded = self._resample(unfolded, axes, self.unfolded_matrix)
        folded = self._resample(folded, axes, self.matrix)
        return ops.concatenate([unfolded, folded], axis=channel_axis)

    def matrix(self, size: Size, spatial_axis: int) -> Tensor | None:
        if not self.folds(spatial_axis):
            return self.unfolded_matrix(size, spatial_axis)
        if isinstance(size, int) and size <= 2:
            return None
        new_size = self._size_in_step(size, spatial_axis)
        mask = self.mask(size, spatial_axis)
        folding = self.folding_of(spatial_axis)
        return folding_matrix(mask, folding, size, new_size)

    def unfolded_matrix(self, size: Size, spatial_axis: int) -> Tensor | None:
        """The `matrix` of channels that do not fold: the paper's."""
        if isinstance(size, int) and size <= 2:
            return None
        new_size = self._size_in_step(size, spatial_axis)
        mask = self.mask(size, spatial_axis)
        return spectral.resampling_matrix(mask, size, new_size)

    @abc.abstractmethod
    def _size_in_step(self, size: Size, spatial_axis: int) -> Any:
        """M in the step that is being computed or compiled."""

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "folding": self.initial_folding,
            "learn_folding": self.learn_folding,
            "shared_folding": self.shared_folding,
            "folded_axes": self.folded_axes,
            "folded_channels": self.folded_channels,
        }
