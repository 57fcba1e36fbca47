"""Where to hide stripes of a spectrogram in training: SpecAugment's masks.

Only their places are drawn here. They are inputs of the training step beside
the sound, and `layers.masking` applies them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from audio_diffstride.datasets import streams
from audio_diffstride.datasets.streams import Purpose


@dataclasses.dataclass(frozen=True)
class Masks:
    """Stripes of random width at random places. The default hides nothing.

    Attributes:
        num_frames: of a window.
        num_bands: of a window.
        time_frames: largest width along time. Every whole number from 0 to it
            is equally likely, and so is every place of the stripe.
        num_time: stripes along time.
        frequency_bands: largest width along frequency.
        num_frequency: stripes along frequency.

    References:
        Park et al., 2019, https://arxiv.org/abs/1904.08779, section 2.
    """

    num_frames: int = 0
    num_bands: int = 0
    time_frames: int = 0
    num_time: int = 0
    frequency_bands: int = 0
    num_frequency: int = 0

    @property
    def is_on(self) -> bool:
        """Whether it hides anything."""
        return bool(
            self.time_frames * self.num_time
            or self.frequency_bands * self.num_frequency
        )

    def draw(
        self, seed: int, step: int, rows: Sequence[int] | np.ndarray
    ) -> dict[str, np.ndarray]:
        """The masks of some rows of a batch, as inputs of the training step.

        Returns:
            {"time_masks": first frame and the one after the last of each
            stripe; "frequency_masks": the same of its bands}. Both are int32
            of shape (rows, stripes, 2).
        """
        count = self.num_time + self.num_frequency
        numbers = streams.of_rows(seed, Purpose.MASKS, step, rows, 2 * count)
        numbers = numbers.reshape(-1, count, 2)
        of_time = numbers[:, : self.num_time]
        of_frequency = numbers[:, self.num_time :]
        return {
            "time_masks": _stripes(of_time, self.time_frames, self.num_frames),
            "frequency_masks": _stripes(
                of_frequency, self.frequency_bands, self.num_bands
            ),
        }


def _stripes(numbers: np.ndarray, widest: int, size: int) -> np.ndarray:
    """(begin, end) of stripes on an axis, from two random numbers each.

    >>> _stripes(np.array([0.99, 0.99]), 4, 10), _stripes(np.zeros(2), 4, 10)
    (array([ 6, 10], dtype=int32), array([0, 0], dtype=int32))
    """
    widths = np.floor(numbers[..., 0] * (min(widest, size) + 1))
    begins = np.floor(numbers[..., 1] * (size - widths + 1))
    return np.stack([begins, begins + widths], axis=-1).astype(np.int32)
