"""The complexity of a network as a differentiable function of its strides."""

from __future__ import annotations

from collections.abc import Iterable

from keras import ops

from audio_diffstride.layers.types import Tensor


def complexity(strides: Iterable[Tensor]) -> Tensor:
    """Computes J, which grows with the time and memory of a network.

        J = sum_l prod_{i <= l} 1 / (S_h^i S_w^i)                     (Eq. 6)

    The sum is over the downsampling layers in depth order. Each term is the
    share of positions left after a layer. It is proportional to the
    activations of the layers above, and so to their time and memory.

    The weight of J in the training loss (the paper's lambda, from 0.1 to 10)
    trades accuracy for cost.

    Args:
        strides: one entry per downsampling layer, in depth order. An entry is
            a sequence or tensor with one stride per axis.

    Returns:
        J, a scalar tensor.

    References:
        Riad et al., 2022, https://arxiv.org/abs/2202.01653, section 2.4.2.

    Example:
    >>> float(complexity([(2.0, 2.0), (1.0, 2.0)]))  # 1/4 + 1/8
    0.375
    """
    shares = [1 / ops.prod(ops.convert_to_tensor(s)) for s in strides]
    return ops.sum(ops.cumprod(ops.stack(shares)))
