"""Folding: what lies beyond the cut-off comes back as slower changes.

A low-pass removes what M samples cannot hold. A strided convolution has no
low-pass. A change that is too fast for its samples appears in them as a slower
one: it folds back into the kept band. Folding is the share, a, of what the
mask removes that is folded back instead:

    g(f)    = m(f) + a (1 - m(f))                      f = 0 .. floor(N / 2)
    A[j, n] = (1/N) sum_f w(f) g(f) cos(2 pi f (j/M - n/N))

Here m is the mask of `spectral`, with 0 at the bins above M / 2, and w is as
there. With a = 0 this is the resampling matrix of `spectral`. With a = 1 it
evaluates the signal, as a sum of cosines, at the M output positions. If N is a
multiple of M, that is each N/M-th sample. Between the two it is a mix:

    A = (1 - a) A_low_pass + a A_sampling

The rows sum to 1, and the cost is that of any M x N matrix.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from audio_diffstride.layers import spectral
from audio_diffstride.layers.types import Size, Tensor


def folding_matrix(
    mask: Tensor, folding: Any, size: Size, resampled_size: Size
) -> Tensor:
    """The matrix A that resamples one axis and folds; see the module text.

    Args:
        mask: shape (floor(N / 2) + 1,), floating. A is differentiable in it.
        folding: a, a number or a scalar tensor. A is differentiable in it.
        size: N.
        resampled_size: M.

    Returns:
        A tensor of shape (M, N), of the mask's dtype.

    >>> mask = spectral.transition_mask(2.0, 6, 1.0, "inside")
    >>> A = ops.convert_to_numpy(folding_matrix(mask, 1.0, 6, 3))
    >>> abs(A.round(6)).tolist()  # every second sample
    [[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0], \
[0.0, 0.0, 0.0, 0.0, 1.0, 0.0]]
    """
    bins = spectral.bins_of(size)
    kept = spectral.cropped(mask, bins, resampled_size)
    gains = kept + ops.cast(folding, kept.dtype) * (1 - kept)
    return spectral.matrix_of_gains(gains, bins, size, resampled_size)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class FoldingBounds(keras.constraints.Constraint):
    """Clips foldings to [0, 1] after each optimizer step.

    Example:
    >>> [float(a) for a in FoldingBounds()([-0.5, 0.25, 7.0])]
    [0.0, 0.25, 1.0]
    """

    def __call__(self, folding: Tensor) -> Tensor:
        return ops.minimum(ops.maximum(folding, 0.0), 1.0)
