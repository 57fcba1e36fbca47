"""Windows that begin a little earlier or later than their recording."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class TimeShift:
    """Moves the content of a window in time. The default moves nothing.

    A window that leaves its recording is padded with zeros, as the last window
    of a recording is in evaluation. Where the recording goes on, its sound
    comes in instead of zeros. At least half of what a window can hold of its
    recording stays in it, so that no window loses what its label tells of.

    Attributes:
        max_samples: a shift is a whole number from minus to plus this. All
            that keep half are equally likely.
    """

    max_samples: int = 0

    @property
    def is_on(self) -> bool:
        """Whether it moves anything."""
        return self.max_samples > 0

    def move(
        self,
        starts: np.ndarray,
        lengths: np.ndarray,
        window_samples: np.ndarray | int,
        numbers: np.ndarray,
    ) -> np.ndarray:
        """Moves the starts of windows.

        Args:
            starts: first sample of each window in its recording.
            lengths: of the recordings, in samples.
            window_samples: length of the windows, or of each.
            numbers: uniform random numbers in [0, 1), one for each window.

        Returns:
            The new starts. A later start moves the content to the left.

        >>> start, length = np.array([0]), np.array([1000])
        >>> TimeShift(300).move(start, length, 1000, np.array([0.0])).tolist()
        [-300]
        >>> TimeShift(9000).move(start, length, 1000, np.array([0.0])).tolist()
        [-500]
        """
        kept = (np.minimum(lengths, window_samples) + 1) // 2
        first = np.maximum(starts - self.max_samples, kept - window_samples)
        last = np.minimum(starts + self.max_samples, lengths - kept)
        return first + np.floor(numbers * (last - first + 1)).astype(np.int64)
