"""Rare classes more often: between every recording and every class alike.

With n examples in k classes, an example of a class of m has the share

    (1 - amount) / n + amount / (k m)

of all draws. At 0 every example is drawn equally often. At 1 every class is.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from audio_diffstride.datasets.store_files import NO_LABEL


@dataclasses.dataclass(frozen=True)
class Balance:
    """How often each example is drawn.

    Attributes:
        labels: class index of each example, or `NO_LABEL`. Examples without a
            label keep the share that they have at 0.
        amount: from 0, every example equally often, to 1, every class.
    """

    labels: np.ndarray
    amount: float

    def shares(self) -> np.ndarray:
        """The share of each example in all draws.

        >>> Balance(np.array([0, 0, 0, 1]), 1.0).shares().round(3).tolist()
        [0.167, 0.167, 0.167, 0.5]
        """
        equal = np.full(len(self.labels), 1 / len(self.labels))
        labelled = self.labels != NO_LABEL
        if not labelled.any():
            return equal
        counts = np.bincount(self.labels[labelled])
        of_class = labelled.mean() / np.count_nonzero(counts)
        by_class = equal.copy()
        by_class[labelled] = of_class / counts[self.labels[labelled]]
        return (1 - self.amount) * equal + self.amount * by_class

    def draw_pass(self, rng: np.random.Generator) -> np.ndarray:
        """As many draws as there are examples, in random order.

        n draws take an example of share p n p times, rounded up or down at
        random, and a class its share in the same way. They fall at equal
        distances on a line on which each example is as long as its share.
        Classes lie side by side on it, in random order within.

        Args:
            rng: of this pass.

        Returns:
            The index of the example of each draw.
        """
        num = len(self.labels)
        line = rng.permutation(num)
        line = line[np.argsort(self.labels[line], kind="stable")]
        ends = np.cumsum(self.shares()[line]) * num
        places = rng.random() + np.arange(num)
        found = np.searchsorted(ends, places, side="right")
        return rng.permutation(line[np.minimum(found, num - 1)])
