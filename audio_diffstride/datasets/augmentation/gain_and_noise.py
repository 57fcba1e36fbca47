"""Random gain and noise for training windows, so that level tells no class."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

import numpy as np

from audio_diffstride.datasets import streams
from audio_diffstride.datasets.augmentation.pcm16 import (
    FULL_SCALE,
    HIGHEST,
    to_pcm16,
)
from audio_diffstride.datasets.streams import Purpose


@dataclasses.dataclass(frozen=True)
class GainAndNoise:
    """Gain and noise of a window. The default changes nothing.

    The gain comes first, then the noise. The result stays 16-bit samples:
    rounded, and cut off at full scale instead of wrapping around.

    Attributes:
        gain_db: each window is scaled by a gain that is uniform in dB, from
            minus this to plus this. The upper end is lower where it would
            lift the peak of the window above full scale. Clipping would
            change the sound, and more so for the classes that are loud.
        noise_db: (lowest, highest) RMS level of the noise in dB of full
            scale, or empty. Each window has a level that is uniform in dB.
            The noise is white and Gaussian. It also covers zeros around a
            clip that is shorter than the window.
    """

    gain_db: float = 0.0
    noise_db: tuple[float, ...] = ()

    @property
    def is_on(self) -> bool:
        """Whether it changes anything."""
        return bool(self.gain_db or self.noise_db)

    def apply(
        self, windows: np.ndarray, seed: int, step: int, rows: Iterable[int]
    ) -> None:
        """Changes the windows of a batch in place.

        Args:
            windows: int16, of shape (windows, samples).
            seed: of the run.
            step: of the batch.
            rows: the row of each window in its data set's part of the batch,
                of which `windows` may be a share.
        """
        for window, row in zip(windows, rows, strict=True):
            rng = streams.of_row(seed, Purpose.GAIN_AND_NOISE, step, row)
            for_gain, for_level = rng.random(2)
            gain = self._gain(window, for_gain)
            if not self.noise_db:
                window[:] = to_pcm16(window * np.float32(gain))
                continue
            lowest_db, highest_db = self.noise_db
            level_db = lowest_db + for_level * (highest_db - lowest_db)
            changed = rng.standard_normal(len(window), np.float32)
            changed *= np.float32(FULL_SCALE * 10 ** (level_db / 20))
            changed += window * np.float32(gain)
            window[:] = to_pcm16(changed)

    def _gain(self, window: np.ndarray, number: float) -> float:
        """A factor; `number` is uniform in [0, 1)."""
        if not self.gain_db:
            return 1.0
        # As integers: the absolute value of -32768 is no 16-bit number.
        peak = max(int(window.max()), -int(window.min()), 1)
        headroom_db = 20 * math.log10(HIGHEST / peak)
        highest_db = min(self.gain_db, headroom_db)
        gain_db = -self.gain_db + number * (highest_db + self.gain_db)
        return 10 ** (gain_db / 20)
