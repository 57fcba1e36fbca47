"""What the image networks are: a stem, blocks in a row, perhaps a last norm."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.models.encoder import Encoder


class ImageEncoder(Encoder):
    """Base of the image networks, which are blocks one after the other.

    A subclass makes `stem` and `blocks`, and calls `add_last_norm` where norms
    come before the convolutions. Each is a layer that says its `channels` once
    it is built, its `output_size` and its `multiply_adds`; a block also says
    where it downsamples: `downsample`, or None.

    Input shape:
        (batch, height, width, channels).

    Output shape:
        (batch, height', width', channels of the last block).
    """

    def __init__(self, strides, **kwargs):
        super().__init__(strides, **kwargs)
        self.stem, self.blocks, self.last_norm = None, [], None

    def add_last_norm(self):
        """Norm and ReLU come last, as the last convolution has none."""
        self.last_norm = keras.layers.BatchNormalization(
            momentum=self.batch_norm_momentum,
            dtype=self.dtype_policy,
            name="last_norm",
        )

    @property
    def downsamplers(self):
        places = [block.downsample for block in self.blocks]
        return [place for place in places if place is not None]

    def build(self, input_shape):
        shape = tuple(input_shape)
        for block in (self.stem, *self.blocks):
            block.build(shape)
            shape = (shape[0], None, None, block.channels)
        if self.last_norm is not None:
            self.last_norm.build(shape)

    def encode(self, x, training=None):
        for block in (self.stem, *self.blocks):
            x = block(x, training=training)
        if self.last_norm is not None:
            x = ops.relu(self.last_norm(x, training=training))
        return x

    def input_sizes(self, size):
        return super().input_sizes(self.stem.output_size(size))

    def multiply_adds(self, size):
        rows = []
        for block in (self.stem, *self.blocks):
            rows.append(block.multiply_adds(size))
            size = rows[-1]["output_size"]
        return rows

    def compute_output_shape(self, input_shape):
        return (*input_shape[:1], None, None, self.blocks[-1].channels)
