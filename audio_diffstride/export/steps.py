"""The steps of a frozen network, each with its constants.

Maps are (batch, height, width, channels). A step is a function of a map in
Keras. `onnx_form` has the same steps in ONNX, with channels first.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from keras import ops


@dataclasses.dataclass(frozen=True)
class Blocks:
    """Pads a waveform with zeros and cuts it into blocks of a few samples.

    From (batch, samples) to (batch, blocks, 1, `samples`).
    """

    before: int
    after: int
    samples: int

    def __call__(self, x: Any) -> Any:
        x = ops.pad(x, [[0, 0], [self.before, self.after]])
        return ops.reshape(x, (-1, x.shape[1] // self.samples, 1, self.samples))


@dataclasses.dataclass(frozen=True)
class Convolution:
    """Convolves: kernel (height, width, in, out), bias (out,) or None."""

    kernel: np.ndarray
    bias: np.ndarray | None = None
    strides: tuple[int, int] = (1, 1)
    padding: str = "same"

    def __call__(self, x: Any) -> Any:
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
    """Multiplies axis 1 or 2, of N samples, with a matrix (M, N)."""

    matrix: np.ndarray
    axis: int

    def __call__(self, x: Any) -> Any:
        rows, columns = self.matrix.shape
        shape = [-1, *x.shape[1:]]
        shape[self.axis] = rows
        flat = (-1, columns, math.prod(x.shape[self.axis + 1 :]))
        y = ops.matmul(self.matrix, ops.reshape(x, flat))
        return ops.reshape(y, shape)


@dataclasses.dataclass(frozen=True)
class ResamplingOfHalves:
    """Resamples the first channels by one matrix, the others by another."""

    first_channels: int
    first: Resampling
    others: Resampling

    def __call__(self, x: Any) -> Any:
        first, others = ops.split(x, [self.first_channels], axis=-1)
        return ops.concatenate([self.first(first), self.others(others)], -1)


@dataclasses.dataclass(frozen=True)
class Shift:
    """Adds a constant to each channel, or the same one to all."""

    values: np.ndarray

    def __call__(self, x: Any) -> Any:
        return ops.add(x, self.values)


@dataclasses.dataclass(frozen=True)
class Scale:
    """Multiplies each channel by a constant, or all by the same one."""

    values: np.ndarray

    def __call__(self, x: Any) -> Any:
        return ops.multiply(x, self.values)


@dataclasses.dataclass(frozen=True)
class Pooling:
    """Takes the "max" or "average" of tiles; the edge cuts off the last."""

    kind: str
    size: tuple[int, int]

    def __call__(self, x: Any) -> Any:
        pool = {"max": ops.max_pool, "average": ops.average_pool}[self.kind]
        return pool(x, self.size, padding="same", data_format="channels_last")


@dataclasses.dataclass(frozen=True)
class Square:
    """Squares every value."""

    def __call__(self, x: Any) -> Any:
        return ops.multiply(x, x)


@dataclasses.dataclass(frozen=True)
class Log:
    """Takes the natural logarithm."""

    def __call__(self, x: Any) -> Any:
        return ops.log(x)


@dataclasses.dataclass(frozen=True)
class Relu:
    """Replaces negative values by zero."""

    def __call__(self, x: Any) -> Any:
        return ops.relu(x)


@dataclasses.dataclass(frozen=True)
class ChannelsAsWidth:
    """From (batch, height, 1, channels) to (batch, height, channels, 1)."""

    def __call__(self, x: Any) -> Any:
        return ops.reshape(x, (-1, x.shape[1], x.shape[3], 1))


@dataclasses.dataclass(frozen=True)
class GlobalMax:
    """From (batch, height, width, channels) to (batch, channels)."""

    def __call__(self, x: Any) -> Any:
        return ops.max(x, axis=(1, 2))


@dataclasses.dataclass(frozen=True)
class Head:
    """Computes the logits of a task: kernel (channels, classes) and bias.

    Attributes:
        activation: from its logits to probabilities: "softmax" or "sigmoid".
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: str = "softmax"

    def __call__(self, x: Any) -> Any:
        return ops.add(ops.matmul(x, self.kernel), self.bias)


@dataclasses.dataclass(frozen=True)
class Network:
    """A frozen network.

    Attributes:
        window_samples: length of its waveform, which is in [-1, 1].
        front_end: the steps to a normalised log-mel spectrogram.
        blocks: the steps of each block of the encoder.
        pooling: the steps to one number per channel.
        heads: {task: the step to its logits}.
        embeds: whether an export also gives what the heads see.
    """

    window_samples: int
    front_end: list
    blocks: list[list]
    pooling: list
    heads: dict[str, Head]
    embeds: bool = False

    @property
    def body(self) -> list:
        """All steps before the heads."""
        blocks = itertools.chain.from_iterable(self.blocks)
        return [*self.front_end, *blocks, *self.pooling]

    def __call__(self, waveform: Any) -> dict[str, Any]:
        """The logits of waveforms (batch, samples), by task."""
        x = apply(self.body, waveform)
        return {task: head(x) for task, head in self.heads.items()}


def apply(steps: Iterable[Callable[[Any], Any]], x: Any) -> Any:
    """Applies steps one after the other."""
    for step in steps:
        x = step(x)
    return x
