"""What a frozen network is made of: a list of steps with constants.

Maps are (batch, height, width, channels). A step knows its constants and what
it does to a map in Keras; `onnx_form` says the same in ONNX, channels first.
"""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
from keras import ops


@dataclasses.dataclass(frozen=True)
class Blocks:
    """A waveform, padded with zeros, as columns of a few samples each.

    (batch, samples) to (batch, blocks, 1, `samples`).
    """

    before: int
    after: int
    samples: int

    def __call__(self, x):
        x = ops.pad(x, [[0, 0], [self.before, self.after]])
        return ops.reshape(x, (-1, x.shape[1] // self.samples, 1, self.samples))


@dataclasses.dataclass(frozen=True)
class Convolution:
    """A convolution; kernel (height, width, in, out), bias (out,) or None."""

    kernel: np.ndarray
    bias: np.ndarray | None = None
    strides: tuple[int, int] = (1, 1)
    padding: str = "same"

    def __call__(self, x):
        y = ops.conv(
            x,
            self.kernel,
            self.strides,
            padding=self.padding,
            data_format="channels_last",
        )
        return y if self.bias is None else ops.add(y, self.bias)


@dataclasses.dataclass(frozen=True)
class Resampling:
    """A matrix (M, N) along axis 1 or 2."""

    matrix: np.ndarray
    axis: int

    def __call__(self, x):
        rows, columns = self.matrix.shape
        shape = [-1, *x.shape[1:]]
        shape[self.axis] = rows
        flat = (-1, columns, math.prod(x.shape[self.axis + 1 :]))
        y = ops.matmul(self.matrix, ops.reshape(x, flat))
        return ops.reshape(y, shape)


@dataclasses.dataclass(frozen=True)
class Shift:
    """Adds a constant to each channel, or one to all."""

    values: np.ndarray

    def __call__(self, x):
        return ops.add(x, self.values)


@dataclasses.dataclass(frozen=True)
class Scale:
    """Multiplies each channel by a constant, or all by one."""

    values: np.ndarray

    def __call__(self, x):
        return ops.multiply(x, self.values)


@dataclasses.dataclass(frozen=True)
class Pooling:
    """The "max" or "average" of tiles, the last ones cut off by the edge."""

    kind: str
    size: tuple[int, int]

    def __call__(self, x):
        pool = {"max": ops.max_pool, "average": ops.average_pool}[self.kind]
        return pool(x, self.size, padding="same", data_format="channels_last")


@dataclasses.dataclass(frozen=True)
class Square:
    """Squares every value."""

    def __call__(self, x):
        return ops.multiply(x, x)


@dataclasses.dataclass(frozen=True)
class Log:
    """The natural logarithm."""

    def __call__(self, x):
        return ops.log(x)


@dataclasses.dataclass(frozen=True)
class Relu:
    """Zero in place of what is negative."""

    def __call__(self, x):
        return ops.relu(x)


@dataclasses.dataclass(frozen=True)
class ChannelsAsWidth:
    """(batch, height, 1, channels) to (batch, height, channels, 1)."""

    def __call__(self, x):
        return ops.reshape(x, (-1, x.shape[1], x.shape[3], 1))


@dataclasses.dataclass(frozen=True)
class GlobalMax:
    """(batch, height, width, channels) to (batch, channels)."""

    def __call__(self, x):
        return ops.max(x, axis=(1, 2))


@dataclasses.dataclass(frozen=True)
class Head:
    """The logits of a task: kernel (channels, classes) and bias."""

    kernel: np.ndarray
    bias: np.ndarray

    def __call__(self, x):
        return ops.add(ops.matmul(x, self.kernel), self.bias)


@dataclasses.dataclass(frozen=True)
class Network:
    """A frozen network.

    Attributes:
        window_samples: of its waveform, in [-1, 1].
        front_end: the steps to a log-mel spectrogram, normalised.
        blocks: the steps of each block of the encoder.
        pooling: the steps from there to one number per channel.
        heads: {task: the step from there to its logits}.
    """

    window_samples: int
    front_end: list
    blocks: list[list]
    pooling: list
    heads: dict[str, Head]

    @property
    def body(self) -> list:
        """All steps before the heads."""
        blocks = itertools.chain.from_iterable(self.blocks)
        return [*self.front_end, *blocks, *self.pooling]

    def __call__(self, waveform) -> dict:
        """The logits of waveforms (batch, samples), by task."""
        x = apply(self.body, waveform)
        return {task: head(x) for task, head in self.heads.items()}


def apply(steps, x):
    """What comes out of the steps, one after the other."""
    for step in steps:
        x = step(x)
    return x
