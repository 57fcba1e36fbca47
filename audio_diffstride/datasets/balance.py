"""Rare classes more often: between every recording and every class alike.

With n examples in k classes, an example of a class of m has the share

    (1 - amount) / n + amount / (k m)

of all draws. At 0 every example is drawn equally often. At 1 every class is.

With several labels an example has the sum of the last term over its classes.
Examples that have none of the classes are a class of their own.

Background may have a share of its own. All other examples then divide the rest
as before.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from audio_diffstride.datasets.kinds import NO_LABEL, are_known


@dataclasses.dataclass(frozen=True)
class Balance:
    """How often each example is drawn.

    Attributes:
        labels: class index of each example, or `NO_LABEL`; with several
            labels a row of 1, 0 and `NO_LABEL`. Examples without a label keep
            the share that they have at 0.
        amount: from 0, every example equally often, to 1, every class.
        background_share: the share of all background together. 0 leaves it.
        background: the class that is background. With several labels it is
            examples that have none of them.
    """

    labels: np.ndarray
    amount: float
    background_share: float = 0.0
    background: int | None = None

    def shares(self) -> np.ndarray:
        """The share of each example in all draws.

        >>> Balance(np.array([0, 0, 0, 1]), 1.0).shares().round(3).tolist()
        [0.167, 0.167, 0.167, 0.5]
        """
        num = len(self.labels)
        equal = np.full(num, 1 / num)
        labelled = are_known(self.labels)
        if not labelled.any():
            return equal
        shares = self._balanced(equal, labelled)
        background = self.are_background
        if self.background_share and background.any() and not background.all():
            for chosen, share in (
                (background, self.background_share),
                (~background, 1 - self.background_share),
            ):
                shares[chosen] *= share / shares[chosen].sum()
        return shares

    @property
    def are_background(self) -> np.ndarray:
        """Whether each example is background."""
        if self.labels.ndim == 2:
            return are_known(self.labels) & (self.labels != 1).all(axis=1)
        if self.background is None:
            return np.zeros(len(self.labels), bool)
        return self.labels == self.background

    def _balanced(self, equal: np.ndarray, labelled: np.ndarray) -> np.ndarray:
        """The shares without that of the background."""
        num = len(self.labels)
        examples, classes = self._memberships()
        counts = np.bincount(classes)
        of_class = labelled.mean() / np.count_nonzero(counts)
        by_class = np.bincount(examples, of_class / counts[classes], num)
        by_class[~labelled] = equal[~labelled]
        return (1 - self.amount) * equal + self.amount * by_class

    def _memberships(self) -> tuple[np.ndarray, np.ndarray]:
        """(example, class) of every label, those of common classes first."""
        if self.labels.ndim == 1:
            (examples,) = np.nonzero(self.labels != NO_LABEL)
            return examples, self.labels[examples]
        (without,) = np.nonzero(self.are_background)
        examples, classes = np.nonzero(self.labels == 1)
        num_classes = self.labels.shape[1]
        examples = np.concatenate([examples, without])
        classes = np.concatenate([classes, np.full(len(without), num_classes)])
        order = np.argsort(-np.bincount(classes)[classes], kind="stable")
        return examples[order], classes[order]

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
        rarest = np.full(num, NO_LABEL)
        examples, classes = self._memberships()
        rarest[examples] = classes  # the last of an example counts
        line = line[np.argsort(rarest[line], kind="stable")]
        ends = np.cumsum(self.shares()[line]) * num
        places = rng.random() + np.arange(num)
        found = np.searchsorted(ends, places, side="right")
        return rng.permutation(line[np.minimum(found, num - 1)])
