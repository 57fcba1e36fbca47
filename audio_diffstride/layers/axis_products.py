"""A resampling matrix along one axis, alone or after a convolution.

A convolution and a resampling are both linear. So the two together can be
computed in either order. With N input samples, M output samples, K taps, C
input channels and C' output channels, a column of the axis costs these
multiply-adds:

    convolve first   K C C' N + M N C'
    resample first   K M N C  + K M C C'

"Convolve first" mixes the channels at every sample, and most of these samples
are then thrown away. "Resample first" applies the matrix once per tap, with
its columns shifted by the tap. It then mixes the channels at the M output
positions only. This halves the work at a stride of 2 with many channels. It is
more work if M is large compared with the number of channels. The counts
predict the measured times, so the smaller count decides.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.types import Tensor

TAPS = 3  # of both convolutions of a block


def apply_along_axis(matrix: Tensor, x: Tensor, axis: int) -> Tensor:
    """Multiplies one axis of `x` by `matrix`, as one batched matrix product.

    The axes before it become the batch, and the axes after it the columns. So
    no transposition is needed. On CPU this was two to four times faster than
    `einsum` and `tensordot`, forward and backward.

    Args:
        matrix: shape (M, N).
        x: any shape with N samples along `axis`.
        axis: from 0 to rank - 1.

    Returns:
        `x` with M samples along `axis`.
    """
    matrix = ops.cast(matrix, x.dtype)
    shape = ops.shape(x)
    if axis == len(shape) - 1:
        flat = ops.reshape(x, (-1, shape[axis]))
        y = ops.matmul(flat, ops.transpose(matrix))
    else:
        y = _flat_product(matrix, x, shape, axis)
    new_size = _or_rest(matrix.shape[0])
    return ops.reshape(y, (*shape[:axis], new_size, *shape[axis + 1 :]))


def _flat_product(
    matrix: Tensor, x: Tensor, shape: tuple[Any, ...], axis: int
) -> Tensor:
    """The product with the axes before and after `axis` as one axis each."""
    trailing = math.prod(shape[axis + 1 :])
    return ops.matmul(matrix, ops.reshape(x, (-1, shape[axis], trailing)))


def _or_rest(size: int | None) -> int:
    """A size for `reshape`, which works out one that is not known."""
    return -1 if size is None else size


def multiply_adds(
    size: int, new_size: int, channels: int, new_channels: int, taps: int
) -> list[tuple[int, int]]:
    """Multiply-adds of a column, for both orders; see the module text.

    Args:
        size: N.
        new_size: M.
        channels: C.
        new_channels: C'.
        taps: K.

    Returns:
        Two pairs (convolution, resampling): convolve first, resample first.

    >>> multiply_adds(50, 25, 64, 128, taps=3)
    [(1228800, 160000), (614400, 240000)]
    """
    kernel = taps * channels * new_channels
    return [
        (kernel * size, new_channels * size * new_size),
        (kernel * new_size, taps * channels * size * new_size),
    ]


def convolve_and_resample(
    x: Tensor, kernel: Tensor, matrix: Tensor, axis: int, resample_first: bool
) -> Tensor:
    """Convolves along an axis and resamples it, in either order.

    Equals `apply_along_axis(matrix, convolution(x), axis)` up to rounding.
    The convolution has zero padding to the same size and no bias.

    Args:
        x: shape (batch, frames, bands, C), with N samples along `axis`.
        kernel: shape (K, 1, C, C') for axis 1, (1, K, C, C') for axis 2.
        matrix: shape (M, N).
        axis: 1 or 2.
        resample_first: the order of the computation.

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


def _resample_and_mix(
    x: Tensor, kernel: Tensor, rows: Tensor, axis: int
) -> Tensor:
    """Resamples by the `shifted_rows`, then mixes taps and channels.

    The taps of an output lie together. The resampled input has K M samples of
    C channels. The caller computes it again in the backward pass: it would
    nearly double the memory of a network.
    """
    shape = batch, frames, bands, channels = ops.shape(x)
    taps, new_channels = rows.shape[1], kernel.shape[-1]
    new_size = _or_rest(rows.shape[0])
    x = _flat_product(ops.reshape(rows, (-1, shape[axis])), x, shape, axis)
    if axis == 2:  # taps and channels are neighbours: one matrix product
        x = ops.reshape(x, (-1, taps * channels))
        y = ops.matmul(x, ops.reshape(kernel, (-1, new_channels)))
        return ops.reshape(y, (batch, frames, new_size, new_channels))
    x = ops.reshape(x, (-1, taps, bands, channels))
    y = ops.conv(x, kernel, padding="valid", data_format="channels_last")
    return ops.reshape(y, (batch, new_size, bands, new_channels))


def shifted_rows(matrix: Tensor, taps: int) -> Tensor:
    """Each row of the matrix once per tap, shifted by the tap: (M, K, N)."""
    size = ops.shape(matrix)[1]
    before = (taps - 1) // 2  # zeros that "same" padding puts in front
    padded = ops.pad(matrix, [[0, 0], [taps - 1 - before, before]])
    shifted = [
        padded[:, taps - 1 - tap : taps - 1 - tap + size] for tap in range(taps)
    ]
    return ops.stack(shifted, axis=1)
