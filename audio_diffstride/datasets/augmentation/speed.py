"""Windows that play faster or slower, and so higher or lower."""

from __future__ import annotations

import dataclasses

import numpy as np

from audio_diffstride.datasets.augmentation.pcm16 import to_pcm16
from audio_diffstride.datasets.clips import Clips

# Sound before and after a piece, so that the resampler's filter sees no edge.
_MARGIN_SAMPLES = 64


@dataclasses.dataclass(frozen=True)
class Speed:
    """Changes speed and pitch together. The default changes neither.

    A window at the speed f is made of a piece of the recording that is f times
    as long. So a faster window is filled too, and no silence is made where the
    recording goes on.

    Attributes:
        percent: the speed is uniform from 1 minus to 1 plus this share.
    """

    percent: float = 0.0

    @property
    def is_on(self) -> bool:
        """Whether it changes anything."""
        return self.percent > 0

    def pieces(self, window_samples: int, numbers: np.ndarray) -> np.ndarray:
        """The length of the piece that each window is made of.

        Args:
            window_samples: length of the windows.
            numbers: uniform random numbers in [0, 1), one for each window.

        >>> Speed(10.0).pieces(1000, np.array([0.0, 0.5, 0.75])).tolist()
        [900, 1000, 1050]
        """
        speeds = 1 + self.percent / 100 * (2 * numbers - 1)
        lengths = np.rint(window_samples * speeds).astype(np.int64)
        return np.maximum(lengths, 1)

    def cut(
        self,
        clips: Clips,
        chosen: np.ndarray,
        starts: np.ndarray,
        pieces: np.ndarray,
        window_samples: int,
    ) -> np.ndarray:
        """Cuts pieces out of clips, and resamples them to windows.

        Args:
            clips: the recordings.
            chosen: index of the clip of each window.
            starts: first sample of each piece in its clip; may be negative.
            pieces: length of each piece.
            window_samples: length of the windows.

        Returns:
            int16, of shape (windows, window_samples).
        """
        windows = np.empty((len(chosen), window_samples), np.int16)
        for row, window in enumerate(windows):
            margin = 0 if pieces[row] == window_samples else _MARGIN_SAMPLES
            (piece,) = clips.windows(
                chosen[row : row + 1],
                starts[row : row + 1] - margin,
                int(pieces[row]) + 2 * margin,
            )
            window[:] = _resample(piece, int(pieces[row]), margin, window)
        return windows


def _resample(
    piece: np.ndarray, length: int, margin: int, window: np.ndarray
) -> np.ndarray:
    """The piece between its margins, as many samples as the window has."""
    if not margin:
        return piece
    import soxr

    # MQ is exact to 16 bits, and takes half the time of HQ.
    samples = soxr.resample(
        piece.astype(np.float32), length, len(window), quality="MQ"
    )
    before = margin * len(window) // length
    return to_pcm16(samples[before : before + len(window)])
