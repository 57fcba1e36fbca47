"""Temperature scaling: one number per task makes its probabilities honest.

A network is often surer than it is right. Its logits divided by a temperature
keep their order within a window, and their probabilities fit the share of
right answers (Guo et al., 2017, https://arxiv.org/abs/1706.04599).

Everything here works on arrays. Truths have the shape (windows, classes) and
hold 1, 0, or `NO_LABEL` where it is not known. With softmax exactly one class
of a window is 1. With sigmoid the classes are independent.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from audio_diffstride.datasets.kinds import KINDS, NO_LABEL

Activation = Literal["softmax", "sigmoid"]

_KINDS = {kind.activation: kind for kind in KINDS.values()}
# The best temperature is searched here.
LOWEST, HIGHEST = 0.1, 100.0


def probabilities(
    logits: np.ndarray,
    temperature: float = 1.0,
    activation: Activation = "softmax",
) -> np.ndarray:
    """The probabilities of logits divided by a temperature, as float64.

    >>> probabilities(np.array([0.0, 2.0]), 2.0, "sigmoid").round(3).tolist()
    [0.5, 0.731]
    """
    scaled = np.asarray(logits, float) / temperature
    return _KINDS[activation].probabilities(scaled)


def negative_log_likelihood(
    logits: np.ndarray,
    truths: np.ndarray,
    temperature: float = 1.0,
    activation: Activation = "softmax",
) -> float:
    """The mean over windows (softmax) or over known truths (sigmoid), in nats.

    >>> logits, truths = np.zeros((1, 2)), np.array([[1, 0]])
    >>> round(negative_log_likelihood(logits, truths), 3)
    0.693
    """
    scaled = np.asarray(logits, float) / temperature
    if activation == "softmax":
        of_truth = (scaled * (truths == 1)).sum(axis=1)
        return float((np.logaddexp.reduce(scaled, axis=1) - of_truth).mean())
    known = truths != NO_LABEL
    values = np.logaddexp(0, scaled) - scaled * truths
    return float(values[known].mean())


def fit(
    logits: np.ndarray,
    truths: np.ndarray,
    activation: Activation = "softmax",
) -> float:
    """The temperature of the smallest negative log likelihood.

    The likelihood has one maximum, because it is concave in the inverse of the
    temperature. Without any mistake, it grows without end as the temperature
    falls. Then nothing can be learned about the temperature, and it is 1.

    Args:
        logits: of shape (windows, classes), all finite.
        truths: of the same shape.
        activation: from logits to probabilities.

    Returns:
        A number from `LOWEST` to `HIGHEST`.
    """
    if not _has_mistake(logits, truths, activation):
        return 1.0
    from scipy import optimize

    found = optimize.minimize_scalar(
        lambda log: negative_log_likelihood(
            logits, truths, float(np.exp(log)), activation
        ),
        bounds=(np.log(LOWEST), np.log(HIGHEST)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def _has_mistake(
    logits: np.ndarray, truths: np.ndarray, activation: Activation
) -> bool:
    """Whether a class that is not true has a logit as high as one that is.

    With sigmoid, a logit is compared with 0.
    """
    if activation == "sigmoid":
        return bool(((truths == 1) & (logits <= 0)).any()) or bool(
            ((truths == 0) & (logits >= 0)).any()
        )
    highest = np.where(truths == 1, -np.inf, logits).max(axis=1)
    of_truth = np.where(truths == 1, logits, -np.inf).max(axis=1)
    return bool((highest >= of_truth).any())
