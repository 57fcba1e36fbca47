"""Downsampling one axis in the Fourier domain, as one small real matrix.

The signal is transformed, multiplied by a low-pass mask, cropped to the lowest
bins and transformed back. Every step is linear, and the mask is real and
symmetric. So all steps together are one real matrix:

    A[j, n] = (1/N) sum_f w(f) mask(f) cos(2 pi f (j/M - n/N)),   f <= M/2
    w(f)    = 1 for f = 0 and f = N/2, else 2

Here N is the number of input samples, M the number of output samples, and f
a frequency in bins (cycles per axis). A constant keeps its value, as with
average pooling.

All functions are pure and use `keras.ops`. Sizes are integers, or scalar
integer tensors inside a TensorFlow graph.

Reference: Riad et al., "Learning strides in convolutional neural networks",
ICLR 2022, https://arxiv.org/abs/2202.01653, section 2 and Algorithm 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops

from audio_diffstride.layers.types import Size, Tensor

TRANSITION_BANDS = ("outside", "inside")

# Added before rounding down, so that whole strides give whole sizes although
# N / S is rounded. It is larger than the rounding for axes of any usual size.
_SIZE_TOLERANCE = 1e-4

# Below this cut-off (bins) the "inside" ramp keeps only the mean and has no
# gradient. The gradient is then taken at this cut-off, so that it never dies.
_SMALLEST_INSIDE_CUTOFF_BINS = 1.25


def straight_through(value: Tensor, gradient_of: Tensor) -> Tensor:
    """Returns `value` forward, with the gradient of `gradient_of` backward."""
    return gradient_of + ops.stop_gradient(value - gradient_of)


def smoothness_bins(size: Size, percent: float) -> Any:
    """The width R of a transition band that scales with the axis, in bins.

        R = max(1, p N / 100)

    The paper has R = 4 bins everywhere. That is 4 % of an axis of 100 frames,
    but a third of an axis of 13 frames, where a layer then hardly downsamples.

    Args:
        size: N, an integer or a scalar integer tensor.
        percent: p.

    >>> smoothness_bins(100, 4.0), smoothness_bins(13, 4.0)
    (4.0, 1.0)
    """
    if isinstance(size, int):
        return max(1.0, percent * size / 100)
    return ops.maximum(ops.cast(size, "float32") * (percent / 100), 1.0)


def effective_stride(
    stride: Tensor,
    size: Size,
    smoothness: Any,
    transition_band: str = "outside",
) -> Tensor:
    """The stride that is applied to an axis of `size` samples.

    "outside": a stride of 1 would keep every bin and get no gradient. So the
    applied stride is at least N / max(N - R, N / 2), which leaves the last
    bins on the ramp. The gradient passes straight through this bound, and no
    weight is written. "inside": the stride itself, because the gradient
    exists at a stride of 1 too.

    Args:
        stride: S as learned, a scalar tensor or a number.
        size: N, an integer or a scalar integer tensor.
        smoothness: R in bins.
        transition_band: "outside" or "inside".

    >>> float(effective_stride(1.0, 100, 4.0))
    1.0416666...
    """
    if transition_band == "inside":
        return stride
    dtype = stride.dtype if hasattr(stride, "dtype") else "float32"
    size = ops.cast(size, dtype)
    smallest = size / ops.maximum(size - smoothness, size / 2)
    return straight_through(ops.maximum(stride, smallest), stride)


def output_size(
    stride: Any,
    size: Size,
    smoothness: Any,
    transition_band: str = "outside",
    multiple: int = 1,
) -> Any:
    """M, the length of the downsampled axis. It has no gradient.

    "outside": M = min(N, floor(N / S + 2 R)) (paper, section 2.4).
    "inside": M = floor(N / S), the size after a strided convolution. M is at
    least 2, and an axis of one or two samples keeps its size.

    Args:
        stride: S as learned. Below the bound of `effective_stride`, M is N:
            N / S + 2 R is more than N there.
        size: N, an integer or a scalar integer tensor.
        smoothness: R in bins.
        transition_band: "outside" or "inside".
        multiple: M is rounded up to a multiple of this, and at most to N.

    Returns:
        A Python integer where the values are known, else a scalar int32
        tensor (inside a TensorFlow graph). Both use the same float32
        arithmetic.

    >>> output_size(2.0, 100, 4.0), output_size(2.0, 100, 4.0, "inside")
    (58, 50)
    >>> output_size(2.0, 100, 4.0, multiple=16)
    64
    """
    known = _as_float32(stride)
    if known is not None and isinstance(size, int):
        xp, stride, size = np, known, np.float32(size)
    else:
        xp, stride = ops, ops.cast(ops.stop_gradient(stride), "float32")
        size = ops.cast(size, "float32")
    extra = 2 * smoothness if transition_band == "outside" else 0.0
    length = size / stride + _SIZE_TOLERANCE + extra
    length = xp.maximum(xp.floor(length), 2)
    if multiple > 1:
        length = xp.ceil(length / multiple) * multiple
    length = xp.minimum(length, size)
    return int(length) if xp is np else ops.cast(length, "int32")


def _as_float32(value: Any) -> np.float32 | None:
    """The value as a number. None for a symbolic tensor."""
    try:
        return np.float32(ops.convert_to_numpy(value))
    except (TypeError, NotImplementedError):  # JAX's tracer, TensorFlow's
        return None


def pooled_size(stride: float, size: Size) -> Any:
    """The length of an axis after spectral pooling: max(1, floor(N / S)).

    Args:
        stride: S.
        size: N, an integer or a scalar integer tensor.

    Returns:
        An integer, or a scalar int32 tensor where `size` is one.

    >>> pooled_size(2.0, 101)
    50
    """
    if isinstance(size, int):
        return max(1, math.floor(size / stride + _SIZE_TOLERANCE))
    length = ops.cast(size, "float32") / stride + _SIZE_TOLERANCE
    return ops.maximum(ops.cast(ops.floor(length), "int32"), 1)


def transition_mask(
    stride: Tensor,
    size: Size,
    smoothness: Any,
    transition_band: str = "outside",
) -> Tensor:
    """The low-pass mask over the bins 0 .. floor(N / 2).

    The cut-off is c = N / (2 S).

        "outside" (paper, Eq. 3):  clip((R + c - f) / R, 0, 1)
        "inside":                  clip((c - f) / R', 0, 1), mask(0) = 1,
                                   R' = max(1, min(R, c / 2))

    "outside" is flat up to the cut-off and ends R bins above it. "inside"
    ends at the cut-off.

    Args:
        stride: S as applied; see `effective_stride`. A scalar tensor, or a
            tensor of shape (..., 1). The mask is differentiable in it.
        size: N, an integer or a scalar integer tensor.
        smoothness: R in bins.
        transition_band: "outside" or "inside".

    Returns:
        A tensor of shape (..., floor(N / 2) + 1).

    >>> ops.convert_to_numpy(transition_mask(2.0, 16, 4.0)).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
    """
    stride = ops.convert_to_tensor(stride)
    cutoff = ops.cast(size, stride.dtype) / (2 * stride)
    bins = ops.cast(bins_of(size), stride.dtype)
    if transition_band == "outside":
        mask = _ramp((smoothness + cutoff - bins) / smoothness)
    else:
        alive = straight_through(
            ops.maximum(cutoff, _SMALLEST_INSIDE_CUTOFF_BINS), cutoff
        )
        mask = straight_through(
            _inside_ramp(cutoff, bins, smoothness),
            gradient_of=_inside_ramp(alive, bins, smoothness),
        )
    return ops.where(ops.less_equal(size, 2), ops.ones_like(mask), mask)


def _ramp(x: Tensor) -> Tensor:
    """Clips to [0, 1]. At both ends the gradient is that of `x`.

    Whole strides put bins exactly at the ends. The backends disagree on the
    gradients of `clip`, `minimum` and `maximum` there.
    """
    is_inside = ops.logical_and(x >= 0, x <= 1)
    return ops.where(is_inside, x, ops.cast(x > 1, x.dtype))


def _inside_ramp(cutoff: Tensor, bins: Tensor, smoothness: Any) -> Tensor:
    half = cutoff / 2
    width = ops.where(half <= smoothness, half, smoothness)
    width = ops.where(width >= 1, width, 1)
    ramp = _ramp((cutoff - bins) / width)
    return ops.where(ops.equal(bins, 0), ops.ones_like(ramp), ramp)


def resampling_matrix(mask: Tensor, size: Size, resampled_size: Size) -> Tensor:
    """The matrix A that filters and resamples one axis; see the module text.

    Args:
        mask: shape (..., floor(N / 2) + 1), floating.
        size: N.
        resampled_size: M.

    Returns:
        A tensor of shape (..., M, N), of the mask's dtype.

    >>> A = resampling_matrix(transition_mask(2.0, 8, 1.0), 8, 4)
    >>> tuple(A.shape), [round(float(s), 5) for s in ops.sum(A, axis=1)]
    ((4, 8), [1.0, 1.0, 1.0, 1.0])
    """
    bins = bins_of(size)
    gains = cropped(mask, bins, resampled_size)
    return matrix_of_gains(gains, bins, size, resampled_size)


def bins_of(size: Size) -> Tensor:
    """The bins of an axis, 0 .. floor(N / 2), as integers."""
    return ops.arange(size // 2 + 1)


def cropped(mask: Tensor, bins: Tensor, resampled_size: Size) -> Tensor:
    """The mask with 0 at the bins above M / 2, which M samples cannot hold."""
    is_kept = ops.less_equal(2 * bins, resampled_size)
    return mask * ops.cast(is_kept, mask.dtype)


def matrix_of_gains(
    gains: Tensor, bins: Tensor, size: Size, resampled_size: Size
) -> Tensor:
    """The matrix that multiplies bins by gains and samples M times anew.

    Phases are reduced modulo the axis as integers before they become angles:
    a float32 angle of 2 pi 80 would already have an error of 3e-5.

    Args:
        gains: shape (..., floor(N / 2) + 1), floating. Bins above M / 2 fold.
        bins: those of N; see `bins_of`.
        size: N.
        resampled_size: M.

    Returns:
        A tensor of shape (..., M, N), of the gains' dtype.
    """
    dtype = gains.dtype
    is_single = ops.equal(ops.mod(2 * bins, size), 0)  # f = 0 and f = N / 2
    weights = ops.cast(ops.where(is_single, 1.0, 2.0), dtype)
    weights = weights * gains / ops.cast(size, dtype)
    analysis = _cosines_and_sines(size, bins, dtype)  # (N, 2 F)
    synthesis = _cosines_and_sines(resampled_size, bins, dtype)  # (M, 2 F)
    weights = ops.concatenate([weights, weights], axis=-1)
    synthesis = synthesis * ops.expand_dims(weights, -2)
    return ops.matmul(synthesis, ops.transpose(analysis))


def _cosines_and_sines(size: Size, bins: Tensor, dtype: str) -> Tensor:
    """The Fourier basis of an axis: shape (N, 2 F), cosines first."""
    turns = ops.mod(ops.expand_dims(ops.arange(size), 1) * bins, size)
    angles = ops.cast(turns, dtype) * (2 * math.pi / ops.cast(size, dtype))
    return ops.concatenate([ops.cos(angles), ops.sin(angles)], axis=1)


def band_edges(
    stride: float,
    size: int,
    smoothness: float,
    transition_band: str = "outside",
) -> tuple[float, float, float]:
    """The bins where `transition_mask` is 1, 1/2 (-6 dB) and 0.

    Edges above the Nyquist frequency, N / 2, are returned as N / 2.

    >>> band_edges(2.0, 100, 4.0), band_edges(2.0, 100, 4.0, "inside")
    ((25.0, 27.0, 29.0), (21.0, 23.0, 25.0))
    """
    cutoff = size / (2 * stride)
    if transition_band == "outside":
        first, width = cutoff, smoothness
    else:
        width = max(1.0, min(smoothness, cutoff / 2))
        first = cutoff - width
    flat, half, zero = (
        min(max(first + part * width, 0.0), size / 2) for part in (0, 0.5, 1)
    )
    return flat, half, zero
