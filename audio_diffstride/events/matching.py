"""From windows over a threshold to events, and which of them are right.

Windows of a class that overlap or touch become one event. An event that was
found is right if its begin lies within a collar of that of an annotated event,
and its end within the collar, or within half the length of the annotated one if
that is more. This is the rule of DCASE's event-based scores, with a collar of
0.5 s in place of 0.2 s. Each event is a partner once, and the partners are
chosen so that as many as possible are right.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse

COLLAR_S = 0.5
_END_SHARE = 0.5  # of the annotated length
_ROUNDING_S = 1e-6


def join(times_s: np.ndarray, hop_s: float | None = None) -> np.ndarray:
    """Joins windows that overlap or touch.

    Args:
        times_s: begin and end of each, of shape (windows, 2).
        hop_s: a longer window stands for so much of its middle. Overlapping
            windows would stretch an event without it. None is all of it.

    Returns:
        Begin and end of each event, in order.

    >>> join(np.array([[4.0, 5.0], [0.0, 1.0], [1.0, 2.0]])).tolist()
    [[0.0, 2.0], [4.0, 5.0]]
    >>> join(np.array([[0.0, 1.0], [0.5, 1.5]]), hop_s=0.5).tolist()
    [[0.25, 1.25]]
    """
    times_s = np.asarray(times_s, float).reshape(-1, 2)
    if hop_s is not None:
        excess_s = np.maximum(times_s[:, 1] - times_s[:, 0] - hop_s, 0) / 2
        times_s = times_s + np.stack([excess_s, -excess_s], axis=1)
    times_s = times_s[np.argsort(times_s[:, 0], kind="stable")]
    if not len(times_s):
        return times_s
    latest = np.maximum.accumulate(times_s[:, 1])
    begins = np.r_[True, times_s[1:, 0] > latest[:-1] + _ROUNDING_S]
    first = np.flatnonzero(begins)
    last = np.r_[first[1:] - 1, len(times_s) - 1]
    return np.stack([times_s[first, 0], latest[last]], axis=1)


@dataclasses.dataclass(frozen=True)
class Tolerance:
    """How far the times of an event may be off.

    Attributes:
        collar_s: of the begin, and at least of the end.
        onset_only: whether the end does not matter.
    """

    collar_s: float = COLLAR_S
    onset_only: bool = False

    def match(self, true_s: np.ndarray, found_s: np.ndarray) -> np.ndarray:
        """Which of the found events are right.

        Args:
            true_s: begin and end of the annotated events, of shape (events, 2).
            found_s: those of the found events.

        Returns:
            Booleans, of the found events.

        >>> Tolerance(0.5).match(
        ...     np.array([[1.0, 2.0]]), np.array([[1.2, 2.1], [0.8, 2.0]])
        ... ).sum().item()
        1
        """
        right = np.zeros(len(found_s), bool)
        if not len(true_s) or not len(found_s):
            return right
        off_s = np.abs(found_s[:, None] - true_s)  # (found, true, 2)
        allowed = off_s[..., 0] <= self.collar_s + _ROUNDING_S
        if not self.onset_only:
            share_s = _END_SHARE * (true_s[:, 1] - true_s[:, 0])
            ends_s = np.maximum(self.collar_s, share_s)
            allowed &= off_s[..., 1] <= ends_s + _ROUNDING_S
        partners = scipy.sparse.csgraph.maximum_bipartite_matching(
            scipy.sparse.csr_array(allowed), perm_type="column"
        )
        return partners >= 0


def touch(found_s: np.ndarray, others_s: np.ndarray) -> np.ndarray:
    """Which events overlap any of some stretches of time."""
    begins = np.maximum(found_s[:, None, 0], others_s[None, :, 0])
    ends = np.minimum(found_s[:, None, 1], others_s[None, :, 1])
    return (ends > begins + _ROUNDING_S).any(axis=1)
