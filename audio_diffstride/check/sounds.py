"""What `check` measures of every recording, while it is decoded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from audio_diffstride.audio import fingerprints
from audio_diffstride.audio.reading import SAMPLE_RATE_HZ
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import decoding
from audio_diffstride.recordings.recording import Recording


class Measured(NamedTuple):
    """A recording without its samples.

    Attributes:
        length_s: of the recording.
        file_rate_hz: sample rate of its file.
        cut_off: how much of its file is missing, in words; None if nothing is.
        amplitude: half of the range of its samples. Full scale is 1.
        clipped_share: of the samples at full scale.
        digest: SHA-256 of the samples.
        words: its fingerprint.
    """

    length_s: float
    file_rate_hz: int
    cut_off: str | None
    amplitude: float
    clipped_share: float
    digest: bytes
    words: np.ndarray


# A recording, and what it holds or why it cannot be used.
Checked = Iterable[tuple[Recording, Measured | UserError]]


def measurer() -> Callable[[Recording], Measured]:
    """Returns a function that decodes a recording and measures it."""
    decode = decoding.decoder(SAMPLE_RATE_HZ)

    def measure(recording: Recording) -> Measured:
        samples, file_rate_hz, cut_off = decode(recording)
        lowest, highest = int(samples.min()), int(samples.max())
        clipped = 0.0
        if highest == 32767 or lowest == -32768:
            clipped = float(np.mean((samples == 32767) | (samples == -32768)))
        return Measured(
            len(samples) / SAMPLE_RATE_HZ,
            file_rate_hz,
            cut_off,
            (highest - lowest) / 2 / 32768,
            clipped,
            hashlib.sha256(samples.data).digest(),
            fingerprints.of_beginning(samples, SAMPLE_RATE_HZ),
        )

    return measure
