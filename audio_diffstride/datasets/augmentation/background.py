"""Sound of other recordings behind a window, at a random distance in level."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from audio_diffstride.datasets import streams
from audio_diffstride.datasets.augmentation.pcm16 import fit_pcm16, rms
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.streams import Purpose

_NUMBERS = 4  # of a row: whether, which recording, which place, how loud


@dataclasses.dataclass(frozen=True)
class Background:
    """Mixes background noise into windows. The default mixes none in.

    Each recording is equally often the background, and each place in it. One
    that is shorter than the window is repeated. Its level follows from the RMS
    level of the window, zeros around a short recording included. Where window
    or noise is digital silence, nothing is added. Where the sum would exceed
    full scale, both are turned down, which keeps their ratio.

    Attributes:
        clips: the background recordings.
        snr_db: (lowest, highest) level of the window over that of the noise.
            Each window has a ratio that is uniform in dB.
        share: of the windows that get a background.
    """

    clips: Clips | None = None
    snr_db: tuple[float, ...] = (0.0, 0.0)
    share: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it changes anything."""
        return self.clips is not None and self.share > 0

    def apply(
        self,
        windows: np.ndarray,
        seed: int,
        step: int,
        rows: Sequence[int] | np.ndarray,
    ) -> None:
        """Changes the windows of a batch in place.

        Args:
            windows: int16, of shape (windows, samples).
            seed: of the run.
            step: of the batch.
            rows: the row of each window in its data set's part of the batch.
        """
        numbers = streams.of_rows(
            seed, Purpose.BACKGROUND, step, rows, _NUMBERS
        )
        lowest_db, highest_db = self.snr_db
        for window, (chance, which, place, ratio) in zip(windows, numbers):
            if chance >= self.share:
                continue
            noise = self._cut(which, place, len(window))
            loud, quiet = rms(window), rms(noise)
            if not loud or not quiet:
                continue
            snr_db = lowest_db + ratio * (highest_db - lowest_db)
            mixture = noise * np.float32(loud / quiet * 10 ** (-snr_db / 20))
            mixture += window
            window[:] = fit_pcm16(mixture)

    def _cut(self, which: float, place: float, num_samples: int) -> np.ndarray:
        """A piece of a recording, both chosen by numbers in [0, 1)."""
        assert self.clips is not None
        recording = self.clips[math.floor(which * len(self.clips))]
        slack = len(recording) - num_samples
        if slack >= 0:
            start = math.floor(place * (slack + 1))
            return recording[start : start + num_samples]
        start = math.floor(place * len(recording))
        return np.resize(np.roll(recording, -start), num_samples)
