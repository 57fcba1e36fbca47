"""The base of the image networks: a stem, blocks and an optional norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models.encoder import Encoder


class ImageEncoder(Encoder):
    """Base of the image networks, which are blocks one after the other.

    A subclass makes `stem` and `blocks`. It calls `add_last_norm` if norms come
    before convolutions. The stem and each block have `channels` (once built),
    `output_size` and `multiply_adds`. A block also has `downsample`, its
    downsampling layer or None.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, height', width', channels of the last block).
    """

    def __init__(self, strides: Sequence[Sequence[float]], **kwargs: Any):
        super().__init__(strides, **kwargs)
        self.stem: Any = None
        self.blocks: list[Any] = []
        self.last_norm: Any = None

    def add_last_norm(self) -> None:
        """Adds norm and ReLU at the end, after the last convolution."""
        self.last_norm = keras.layers.BatchNormalization(
            momentum=self.batch_norm_momentum,
            dtype=self.dtype_policy,
            name="last_norm",
        )

    @property
    def downsamplers(self) -> list[Any]:
        layers = [block.downsample for block in self.blocks]
        return [layer for layer in layers if layer is not None]

    def layers_by_block(self) -> list[list[Any]]:
        first, *others = self.blocks
        return [[self.stem, first], *([block] for block in others)]

    def build(self, input_shape: Shape) -> None:
        shape = tuple(input_shape)
        for block in (self.stem, *self.blocks):
            block.build(shape)
            shape = (shape[0], None, None, block.channels)
        if self.last_norm is not None:
            self.last_norm.build(shape)

    def encode(self, x: Tensor, training: bool | None = None) -> Tensor:
        for block in (self.stem, *self.blocks):
            x = block(x, training=training)
        if self.last_norm is not None:
            x = ops.relu(self.last_norm(x, training=training))
        return x

    def input_sizes(self, size: Sequence[int]) -> list[tuple[int, ...]]:
        return super().input_sizes(self.stem.output_size(size))

    def multiply_adds(self, size: Sequence[int]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for block in (self.stem, *self.blocks):
            rows.append(block.multiply_adds(size))
            size = rows[-1]["output_size"]
        return rows

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:1], None, None, self.blocks[-1].channels)
