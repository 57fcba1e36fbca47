"""Decode the recordings of a data set, in threads."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import tqdm

from audio_diffstride.audio import truncation
from audio_diffstride.audio.reading import SAMPLE_RATE_HZ, read_with_rate
from audio_diffstride.audio.threads import read_ahead
from audio_diffstride.errors import UserError
from audio_diffstride.recordings.recording import Recording

_MAX_FILES = 256  # whose ends are remembered

_T = TypeVar("_T")


class Sound(NamedTuple):
    """What is decoded of a recording.

    Attributes:
        samples: int16, of shape (samples,).
        file_rate_hz: sample rate of its file.
        cut_off: how much of its file is missing, in words; None if nothing is.
    """

    samples: np.ndarray
    file_rate_hz: int
    cut_off: str | None


# A recording, and what it holds or why it cannot be used.
Decoded = tuple[Recording, Sound | UserError]


def decode_all(
    recordings: Sequence[Recording], sample_rate_hz: int = SAMPLE_RATE_HZ
) -> Iterator[Decoded]:
    """Decodes recordings in order, with a progress bar; see `read_all`.

    Args:
        recordings: files and segments.
        sample_rate_hz: of the samples.

    Yields:
        (recording, its sound or a `UserError`).
    """
    return read_all(recordings, decoder(sample_rate_hz))


def decoder(
    sample_rate_hz: int = SAMPLE_RATE_HZ,
) -> Callable[[Recording], Sound]:
    """Returns a function that decodes a recording.

    Args:
        sample_rate_hz: of the samples.
    """
    # Once per file, not per segment.
    cut_off = functools.lru_cache(_MAX_FILES)(truncation.find)

    def decode(recording: Recording) -> Sound:
        samples, file_rate_hz = read_with_rate(
            recording.path, sample_rate_hz, recording.start_s, recording.end_s
        )
        return Sound(samples, file_rate_hz, cut_off(recording.path))

    return decode


def read_all(
    recordings: Sequence[Recording], read: Callable[[Recording], _T]
) -> Iterator[tuple[Recording, _T | UserError]]:
    """Reads recordings in order, with a progress bar.

    Args:
        recordings: files and segments.
        read: reads one in a thread, or raises a `UserError`.

    Yields:
        (recording, what `read` returns or its error).
    """

    def try_to_read(recording: Recording) -> _T | UserError:
        try:
            return read(recording)
        except UserError as error:
            return error

    progress = tqdm.tqdm(
        recordings, desc="decoding", unit=" files", disable=None, leave=False
    )
    return read_ahead(progress, try_to_read)
