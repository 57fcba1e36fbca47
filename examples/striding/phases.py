"""Rearrange the phases of an axis into channels.

The phases of an axis are x[c::s] for c from 0 to s - 1: every s-th sample, from
each start. As channels they are the same numbers on an axis s times shorter.
Other names are space to depth and polyphase components. `grids` plans this for
each input and output of a stack of convolutions. `rearrange` does it.
`examples.striding.striding` uses both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import ops


class AxisGrid(NamedTuple):
    """The positions of the samples of an axis after it is rearranged.

    Sample n goes to the position (n + before) // phases, in the phase
    (n + before) % phases. A position without a sample is zero. These zeros are
    the padding of the convolutions that follow. Samples after the last
    position are dropped, because no output depends on them.

    Attributes:
        size: number of samples.
        before: number of zeros in front of them.
        phases: s, the number of samples at each position.
        length: number of positions.
    """

    size: int
    before: int
    phases: int
    length: int


def grids(
    sizes: Sequence[int | None], layers: Sequence[Any]
) -> list[tuple[AxisGrid, ...]]:
    """Plans how the features of a stack of convolutions are rearranged.

    The plan starts at the last output, which does not change, and goes
    backwards. A layer of stride s multiplies the phases and the zeros of its
    input by s. It needs as many more positions as its new kernel overlaps.

    Args:
        sizes: of the input, without batch and channels.
        layers: `keras.layers.Conv1D`, `Conv2D` or `Conv3D`, each the input
            of the next. They need not be built.

    Returns:
        For the input and for the output of each layer, an `AxisGrid` per axis.

    Raises:
        ValueError: for an unsupported layer, an axis shorter than a kernel
            without padding, or an unknown size.

    >>> source, target = grids((8,), [keras.layers.Conv1D(1, 3, strides=2)])
    >>> source, target
    ((AxisGrid(size=8, before=0, phases=2, length=4),), (AxisGrid(size=3, ...
    """
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        raise ValueError(
            "The sizes of the input must be known, all but the batch. "
            f"Received: sizes={tuple(sizes)}"
        )
    for layer in layers:
        _check(layer, len(sizes))
    axes = [
        _axis_grids(
            size,
            [
                (layer.kernel_size[axis], layer.strides[axis], layer.padding)
                for layer in layers
            ],
        )
        for axis, size in enumerate(known)
    ]
    return list(zip(*axes))


def _check(layer: Any, rank: int) -> None:
    kinds = (keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)
    is_plain = (
        isinstance(layer, kinds)
        and len(layer.kernel_size) == rank
        and layer.data_format == "channels_last"
        and layer.padding in ("same", "valid")
        and layer.groups == 1
        and set(layer.dilation_rate) == {1}
    )
    if not is_plain:
        raise ValueError(
            f"`layers` must be Conv{rank}D for an input of this shape, with "
            "data_format='channels_last', padding 'same' or 'valid', and no "
            f"groups or dilation. Received: {layer}"
        )


def _axis_grids(
    size: int, layers: Sequence[tuple[int, int, str]]
) -> list[AxisGrid]:
    """The grids of one axis. `layers` has (taps, stride, padding) of each."""
    sizes, zeros = [size], []
    for taps, stride, padding in layers:
        size, before = _output(sizes[-1], taps, stride, padding)
        sizes.append(size)
        zeros.append(before)
    grid = AxisGrid(sizes[-1], before=0, phases=1, length=sizes[-1])
    found = [grid]
    for (taps, stride, _), size, before in zip(
        layers[::-1], sizes[-2::-1], zeros[::-1]
    ):
        overlap = new_taps(taps, stride, grid.phases) - 1
        grid = AxisGrid(
            size,
            before=before + stride * grid.before,
            phases=stride * grid.phases,
            length=grid.length + overlap,
        )
        found.append(grid)
    return found[::-1]


def _output(size: int, taps: int, stride: int, padding: str) -> tuple[int, int]:
    """The number of outputs, and of zeros that Keras puts before the input."""
    if padding == "same":
        outputs = math.ceil(size / stride)
        return outputs, max((outputs - 1) * stride + taps - size, 0) // 2
    if size < taps:
        raise ValueError(
            "An axis must have at least as many samples as the kernel taps "
            f"where padding is 'valid'. Received: {size} samples, {taps} taps"
        )
    return (size - taps) // stride + 1, 0


def new_taps(taps: int, stride: int, phases: int) -> int:
    """The taps of the unstrided kernel between two rearranged axes.

    Args:
        taps: of the strided kernel.
        stride: s. The input has s times the phases of the output.
        phases: of the output.

    >>> new_taps(5, 2, phases=1), new_taps(5, 2, phases=2)
    (3, 2)
    """
    return ((phases - 1) * stride + taps - 1) // (phases * stride) + 1


def rearrange(x: Any, grid: Sequence[AxisGrid]) -> Any:
    """Turns the phases of every axis into channels.

    Args:
        x: shape (batch, size_1, ..., size_rank, channels).
        grid: an `AxisGrid` per axis.

    Returns:
        (batch, length_1, ..., length_rank, phases x channels). The channels
        move fastest, then the phases of the last axis. Positions without a
        sample are zero.

    >>> x = ops.arange(1, 8)[None, :, None]
    >>> y = rearrange(x, [AxisGrid(size=7, before=1, phases=2, length=4)])
    >>> ops.convert_to_numpy(y)[0].tolist()
    [[0, 1], [2, 3], [4, 5], [6, 7]]
    """
    channels = x.shape[-1]
    split, paddings, kept = [], [], []
    for axis in grid:
        total = axis.phases * axis.length
        paddings.append((axis.before, max(total - axis.before - axis.size, 0)))
        kept.append(slice(total))
        split += [axis.length, axis.phases]
    x = ops.pad(x, [(0, 0), *paddings, (0, 0)])
    x = x[(slice(None), *kept)]
    x = ops.reshape(x, (-1, *split, channels))
    order = (0, *range(1, len(split), 2), *range(2, len(split) + 1, 2))
    x = ops.transpose(x, (*order, len(split) + 1))
    # (batch, length_1, ..., phases_1, ..., channels)
    lengths = [axis.length for axis in grid]
    phases = math.prod(axis.phases for axis in grid)
    return ops.reshape(x, (-1, *lengths, phases * channels))


def is_sample(grid: Sequence[AxisGrid]) -> Any:
    """Where a rearranged axis has samples: (1, length_1, ..., phases)."""
    ones = ops.ones((1, *(axis.size for axis in grid), 1), "int32")
    return rearrange(ones, grid) > 0
