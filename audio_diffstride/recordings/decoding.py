"""Decode recordings in threads, a few ahead of their use."""

from __future__ import annotations

import collections
import concurrent.futures
from collections.abc import Iterator, Sequence

import numpy as np
import tqdm

from audio_diffstride.audio.reading import SAMPLE_RATE_HZ, read_audio
from audio_diffstride.errors import UserError
from audio_diffstride.recordings.recording import Recording

# A recording with its int16 samples, or with why it cannot be used.
Decoded = tuple[Recording, np.ndarray | UserError]
_MAX_AHEAD = 64


def decode_all(
    recordings: Sequence[Recording], sample_rate_hz: int = SAMPLE_RATE_HZ
) -> Iterator[Decoded]:
    """Decodes recordings in order, with a progress bar.

    Threads help because decoding and resampling release Python's lock. Only a
    few recordings are decoded ahead, so memory does not grow with the data.

    Args:
        recordings: files and segments.
        sample_rate_hz: of the samples.

    Yields:
        (recording, samples or a `UserError`).
    """

    def decode(recording: Recording) -> np.ndarray | UserError:
        try:
            return read_audio(
                recording.path,
                sample_rate_hz,
                recording.start_s,
                recording.end_s,
            )
        except UserError as error:
            return error

    progress = tqdm.tqdm(
        recordings, desc="decoding", unit=" files", disable=None, leave=False
    )
    with concurrent.futures.ThreadPoolExecutor() as pool:
        ahead: collections.deque = collections.deque()
        for recording in progress:
            ahead.append((recording, pool.submit(decode, recording)))
            if len(ahead) > _MAX_AHEAD:
                done, future = ahead.popleft()
                yield done, future.result()
        for done, future in ahead:
            yield done, future.result()
