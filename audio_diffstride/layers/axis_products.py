"""A resampling matrix along one axis, alone or after a convolution.

A convolution and a resampling are both linear, so the two together may be
computed in either order. With N samples in, M out, K taps, C channels in and
C' out, a column of the axis costs, in multiply-adds,

    convolve first   K C C' N + M N C'
    resample first   K M N C  + K M C C'

Convolving first mixes the channels at every sample, most of which are then
thrown away. Resampling first applies the matrix once per tap, its columns
shifted by the tap, and mixes the channels at the M output positions only: half
the work at a stride of 2 and many channels, more work where M is large beside
them. The counts predict the measured times, so they decide.
"""

from __future__ import annotations

import functools
import math

import keras
from keras import ops

TAPS = 3  # of either convolution of a block


def apply_along_axis(matrix, x, axis: int):
    """Multiplies one axis of `x` by `matrix`: one batched matrix product.

    The axes before it become the batch and those after it the columns, so no
    transposition is needed (measured two to four times faster than `einsum`
    and `tensordot` on CPU, forward and backward).

    Args:
        matrix: shape (M, N).
        x: any shape with N samples along `axis`.
        axis: from 0 to rank - 1.

    Returns:
        `x` with M samples along `axis`.
    """
    matrix = ops.cast(matrix, x.dtype)
    shape = list(ops.shape(x))
    rows, columns = ops.shape(matrix)
    trailing = math.prod(shape[axis + 1 :])
    output_shape = [*shape[:axis], rows, *shape[axis + 1 :]]
    if axis == len(shape) - 1:
        flat = ops.reshape(x, (-1, columns))
        y = ops.matmul(flat, ops.transpose(matrix))
    else:
        y = ops.matmul(matrix, ops.reshape(x, (-1, columns, trailing)))
    return ops.reshape(y, output_shape)


def apply_per_example(matrices, x, axis: int):
    """Multiplies one axis of every example by a matrix of its own.

    Args:
        matrices: shape (batch, M, N).
        x: any shape with N samples along `axis`.
        axis: from 1 to rank - 1.

    Returns:
        `x` with M samples along `axis`.
    """
    matrices = ops.cast(matrices, x.dtype)[:, None]
    shape = list(ops.shape(x))
    new_size, size = ops.shape(matrices)[2:]
    trailing = math.prod(shape[axis + 1 :])
    leading = math.prod(shape[1:axis])
    y = ops.matmul(matrices, ops.reshape(x, (-1, leading, size, trailing)))
    return ops.reshape(y, [*shape[:axis], new_size, *shape[axis + 1 :]])


def multiply_adds(
    size: int, new_size: int, channels: int, new_channels: int, taps: int
) -> list[tuple[int, int]]:
    """What a column of the axis costs, in either order; see the module text.

    Args:
        size: N.
        new_size: M.
        channels: C.
        new_channels: C'.
        taps: K.

    Returns:
        (convolution, resampling) for convolving first, and for resampling
        first.

    >>> multiply_adds(50, 25, 64, 128, taps=3)
    [(1228800, 160000), (614400, 240000)]
    """
    kernel = taps * channels * new_channels
    return [
        (kernel * size, new_channels * size * new_size),
        (kernel * new_size, taps * channels * size * new_size),
    ]


def convolve_and_resample(x, kernel, matrix, axis: int, resample_first: bool):
    """A convolution along an axis, then a resampling of it, in either order.

    Equal to `apply_along_axis(matrix, convolution(x), axis)` to rounding,
    with zero padding to the same size and no bias.

    Args:
        x: shape (batch, frames, bands, C), with N samples along `axis`.
        kernel: shape (K, 1, C, C') for axis 1, (1, K, C, C') for axis 2.
        matrix: shape (M, N).
        axis: 1 or 2.
        resample_first: the order of computation.

    Returns:
        `x` with M samples along `axis` and C' channels.
    """
    kernel = ops.cast(kernel, x.dtype)
    if not resample_first:
        y = ops.conv(x, kernel, padding="same", data_format="channels_last")
        return apply_along_axis(matrix, y, axis)
    taps = max(kernel.shape[:2])
    rows = shifted_rows(ops.cast(matrix, x.dtype), taps)
    recomputed = keras.remat(functools.partial(_resample_and_mix, axis=axis))
    return recomputed(x, kernel, rows)


def _resample_and_mix(x, kernel, rows, axis: int):
    """Rows ordered (output, tap): those of an output stay together.

    The resampled input, K M samples of C channels, is computed again in the
    backward pass: kept, it would nearly double the memory of a network.
    """
    batch, frames, bands, channels = ops.shape(x)
    taps, new_channels = max(kernel.shape[:2]), kernel.shape[-1]
    new_size = ops.shape(rows)[0] // taps
    x = apply_along_axis(rows, x, axis)
    if axis == 2:  # taps and channels lie side by side: one matrix product
        x = ops.reshape(x, (-1, taps * channels))
        y = ops.matmul(x, ops.reshape(kernel, (-1, new_channels)))
        return ops.reshape(y, (batch, frames, new_size, new_channels))
    x = ops.reshape(x, (batch * new_size, taps, bands, channels))
    y = ops.conv(x, kernel, padding="valid", data_format="channels_last")
    return ops.reshape(y, (batch, new_size, bands, new_channels))


def shifted_rows(matrix, taps: int):
    """(M K, N): each row of the matrix once per tap, shifted by the tap."""
    new_size, size = ops.shape(matrix)
    before = (taps - 1) // 2  # of the zeros that "same" padding puts there
    padded = ops.pad(matrix, [[0, 0], [taps - 1 - before, before]])
    shifted = [
        padded[:, taps - 1 - tap : taps - 1 - tap + size] for tap in range(taps)
    ]
    return ops.reshape(ops.stack(shifted, axis=1), (new_size * taps, size))
