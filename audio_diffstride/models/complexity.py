"""The cost of a network as a differentiable function of its strides."""

from __future__ import annotations

from keras import ops


def complexity(strides):
    """J, the sum over layers of the share of positions that are left.

        J = sum_l prod_{i <= l} 1 / (S_h^i S_w^i)                     (Eq. 6)

    over the downsampling layers in depth order: proportional to the
    activations, and so to the time and memory, of the layers above them.
    Added to the training loss with a weight (the paper's lambda, swept from
    0.1 to 10), it trades accuracy for cost.

    Args:
        strides: one entry per downsampling layer, in depth order: a sequence
            or tensor with one stride per axis.

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
