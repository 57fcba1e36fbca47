"""Two windows of a batch as one, with shares of both labels.

Every window of a batch is the first of one mixture and the second of another.
Who mixes with whom depends on the seed and the step only. A process that draws
some rows of a batch reads the partners of these rows too.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from audio_diffstride.datasets import streams
from audio_diffstride.datasets.augmentation.pcm16 import fit_pcm16, rms
from audio_diffstride.datasets.streams import Purpose


@dataclasses.dataclass(frozen=True)
class Mixing:
    """How two windows mix. The default mixes nothing.

    With the share r of the first window x1, the second one being x2, the
    labels mix as `r t1 + (1 - r) t2`. The sounds mix as

        mixup:     r x1 + (1 - r) x2
        loudness:  (p x1 + (1 - p) x2) / sqrt(p^2 + (1 - p)^2), with
                   p = 1 / (1 + 10^((G1 - G2) / 20) (1 - r) / r)

    where G1 and G2 are the levels of the two windows in dB. So r is the share
    that is heard. The paper takes the loudest A-weighted level of 0.1 s. Here
    it is the RMS level of the window. Where one window is digital silence, p
    is r. A mixture that would exceed full scale is turned down.

    Attributes:
        alpha: r has the distribution Beta(alpha, alpha). 0 mixes nothing.
        kind: "mixup" or "loudness".

    References:
        Zhang et al., 2018, https://arxiv.org/abs/1710.09412, Eq. 1;
        Tokozume et al., 2018, https://arxiv.org/abs/1711.10282, Eq. 2.
    """

    alpha: float = 0.0
    kind: str = "mixup"

    @property
    def is_on(self) -> bool:
        """Whether it mixes anything."""
        return self.alpha > 0

    def draw(
        self, seed: int, step: int, batch_size: int, first_row: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """The second window of each mixture, and the share of the first.

        Args:
            seed: of the run.
            step: of the batch.
            batch_size: number of windows that mix.
            first_row: of these windows in a batch that holds others too.

        Returns:
            (row of the second window, share of the first), an entry for each
            row of the batch. A window has another one as its partner. Alone
            in a batch it stays as it is.
        """
        rng = streams.of_row(seed, Purpose.MIXING, step, first_row)
        circle = rng.permutation(batch_size)
        partners = np.empty(batch_size, np.int64)
        partners[circle] = np.roll(circle, -1)
        shares = rng.beta(self.alpha, self.alpha, batch_size)
        return partners, np.where(partners == np.arange(batch_size), 1, shares)

    def mix(
        self, first: np.ndarray, second: np.ndarray, share: float
    ) -> np.ndarray:
        """Mixes two windows of 16-bit samples; see above."""
        of_first, of_second = share, 1 - share
        if self.kind == "loudness":
            of_first = equal_loudness(share, rms(first), rms(second))
            scale = math.hypot(of_first, 1 - of_first)
            of_first, of_second = of_first / scale, (1 - of_first) / scale
        mixture = first * np.float32(of_first)
        mixture += second * np.float32(of_second)
        return fit_pcm16(mixture)


def equal_loudness(share: float, first_rms: float, second_rms: float) -> float:
    """The factor p of the first window, for the share that is to be heard.

    It is the equation of `Mixing`, with levels as RMS instead of dB.

    >>> round(equal_loudness(0.5, 1000, 10), 4), equal_loudness(0.3, 0, 10)
    (0.0099, 0.3)
    """
    if not first_rms or not second_rms:
        return share
    of_first, of_second = share * second_rms, (1 - share) * first_rms
    return of_first / (of_first + of_second)


def mix_labels(
    labels: tuple[np.ndarray, np.ndarray],
    weights: tuple[np.ndarray, np.ndarray],
    shares: np.ndarray,
    num_classes: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the classes, for the mixtures of a batch.

    A mixture without the label of one window has the label of the other, and
    the weight of its share: the cross-entropy is a sum over both labels, and
    here one of them is left out.

    With several labels each class is mixed alone, by the same rule.

    Args:
        labels: class indices of the first and of the second windows; or 1 and
            0 of every class, of shape (mixtures, classes).
        weights: 1 where they have a label, else 0.
        shares: of the first windows.
        num_classes: of the task.

    Returns:
        (shares of the classes, of shape (mixtures, classes); weights, of the
        shape that they have).

    >>> mix_labels(([0, 0], [1, 1]), ([1, 1], [1, 0]), np.array([0.75, 0.5]), 2)
    (array([[0.75, 0.25],
           [1.  , 0.  ]], dtype=float32), array([1. , 0.5], dtype=float32))
    """
    of_classes = [_by_class(of, num_classes) for of in labels]
    has_label = [
        np.asarray(of if np.ndim(of) == 2 else np.reshape(of, (len(of), 1)))
        for of in weights
    ]
    first = shares[:, None] * has_label[0]
    second = (1 - shares)[:, None] * has_label[1]
    total = first + second
    mixed = first * of_classes[0]
    mixed += second * of_classes[1]
    mixed /= np.where(total > 0, total, 1)
    total = total.reshape(np.shape(weights[0]))
    return mixed.astype(np.float32), total.astype(np.float32)


def _by_class(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """A column for each class, of class indices or of what has them already.

    >>> _by_class(np.array([1, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    is_index = np.ndim(labels) == 1
    return np.eye(num_classes)[labels] if is_index else np.asarray(labels)
