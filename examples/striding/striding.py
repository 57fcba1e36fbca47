"""A strided convolution as an unstrided one: striding is parameter sharing.

A convolution with the stride s reads x[s j + k] for its output j and tap k. If
the s phases of the input, x[c::s], become channels, this value is at the
position j + k // s of the channel k % s. This is a convolution without a
stride. Its input is s times shorter and has s times the channels.

The layer before must compute its output in that form. So its kernel appears
once for every phase, and each copy is shifted by the stride of that layer. In
this way a stack of strided convolutions equals a stack of unstrided ones with
more filters. The input is rearranged once, by the product of all strides.
Striding adds two constraints: all copies share the weights of one kernel, and
the other weights are zero. `sharing_pattern` tells which weight is which.

This works for every spatial rank, "same" and "valid" padding, channels last.
It explains striding (docs/why/striding.md) and makes nothing faster.

Reference: Kong and Lucey, "Take it in your stride: Do we need striding in
CNNs?", 2017, https://arxiv.org/abs/1712.02502.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from examples.striding.phases import grids, is_sample, new_taps, rearrange

ZERO = -1  # in a sharing pattern: a weight that is always zero


def sharing_pattern(
    kernel_shape: Sequence[int],
    strides: Sequence[int],
    phases: Sequence[int] | None = None,
) -> np.ndarray:
    """Maps each weight of the unstrided kernel to one of the strided kernel.

    Take an axis with the stride s and P phases at the output. The weight from
    the input phase a to the output phase b at the new tap q is the tap
    q s P + a - b s of the strided kernel. It is zero if there is no such tap.
    Each weight occurs once per phase of the output.

    Args:
        kernel_shape: (taps_1, ..., taps_rank, channels, filters).
        strides: s, an integer per axis.
        phases: P per axis, the product of the strides of all later layers.
            None is 1: the output is not rearranged.

    Returns:
        Positions in the flattened strided kernel, or `ZERO`. The shape is
        that of the unstrided kernel: (new taps per axis, input phases x
        channels, output phases x filters).

    Three taps of stride 2, alone and before another layer of stride 2. Each
    row is a filter:

    >>> sharing_pattern((3, 1, 1), (2,)).reshape(4, 1).T
    array([[ 0,  1,  2, -1]])
    >>> sharing_pattern((3, 1, 1), (2,), phases=(2,)).reshape(8, 2).T
    array([[ 0,  1,  2, -1, -1, -1, -1, -1],
           [-1, -1,  0,  1,  2, -1, -1, -1]])
    """
    *taps, channels, filters = kernel_shape
    rank = len(taps)
    phases = phases or (1,) * rank
    kernel_size = list(map(new_taps, taps, strides, phases))
    input_phases = [s * p for s, p in zip(strides, phases)]
    index = np.indices(
        (*kernel_size, *input_phases, channels, *phases, filters),
        sparse=True,
    )
    tap_of = [
        q * s * p + a - b * s
        for q, a, b, s, p in zip(
            index[:rank],
            index[rank : 2 * rank],
            index[2 * rank + 1 : -1],
            strides,
            phases,
        )
    ]
    exists: Any = True
    for tap, count in zip(tap_of, taps):
        exists = exists & (tap >= 0) & (tap < count)
    position = np.ravel_multi_index(
        (*tap_of, index[2 * rank], index[-1]), kernel_shape, mode="clip"
    )
    return np.where(exists, position, ZERO).reshape(
        *kernel_size,
        math.prod(input_phases) * channels,
        math.prod(phases) * filters,
    )


def unstrided_kernel(
    kernel: Any, strides: Sequence[int], phases: Sequence[int] | None = None
) -> Any:
    """Makes the unstrided kernel that equals a strided one.

    It is differentiable. The gradient of a weight is the sum over its copies.

    Args:
        kernel: shape (taps_1, ..., taps_rank, channels, filters).
        strides: an integer per axis.
        phases: as in `sharing_pattern`.

    Returns:
        The kernel, of the shape of `sharing_pattern`.
    """
    pattern = sharing_pattern(tuple(kernel.shape), strides, phases)
    weights = ops.pad(ops.reshape(kernel, (-1,)), [(0, 1)])
    pattern = np.where(pattern == ZERO, weights.shape[0] - 1, pattern)
    return ops.take(weights, pattern)


def convolve_without_strides(x: Any, layers: Sequence[Any]) -> Any:
    """Computes a stack of strided convolutions without any stride.

    The input is rearranged once. Each layer is then an unstrided convolution
    without padding, with its bias and its activation. Where a later layer
    would pad its input with zeros, the output is set to zero.

    Args:
        x: shape (batch, size_1, ..., size_rank, channels).
        layers: built `keras.layers.Conv1D`, `Conv2D` or `Conv3D`, each the
            input of the next.

    Returns:
        The output of the last layer, up to rounding.

    Raises:
        ValueError: as in `grids`.

    >>> import keras
    >>> layers = [keras.layers.Conv1D(5, 3, 2, "same", activation="relu"),
    ...           keras.layers.Conv1D(4, 5, 3, "same")]
    >>> x = keras.random.normal((2, 50, 1))
    >>> strided = layers[1](layers[0](x))
    >>> error = ops.abs(convolve_without_strides(x, layers) - strided)
    >>> tuple(strided.shape), bool(ops.max(error) < 1e-5)
    ((2, 9, 4), True)
    """
    source, *targets = grids(x.shape[1:-1], layers)
    x = rearrange(x, source)
    for layer, grid in zip(layers, targets):
        phases = [axis.phases for axis in grid]
        kernel = unstrided_kernel(layer.kernel, layer.strides, phases)
        x = ops.cast(x, layer.compute_dtype)
        kernel = ops.cast(kernel, x.dtype)
        x = ops.conv(x, kernel, padding="valid", data_format="channels_last")
        lengths = [axis.length for axis in grid]
        x = ops.reshape(x, (-1, *lengths, math.prod(phases), layer.filters))
        if layer.use_bias:
            x = x + ops.cast(layer.bias, x.dtype)
        x = ops.where(is_sample(grid)[..., None], layer.activation(x), 0)
        x = ops.reshape(x, (-1, *lengths, math.prod(phases) * layer.filters))
    return x
