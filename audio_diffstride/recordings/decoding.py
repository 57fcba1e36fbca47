"""Recordings decoded in threads, a few ahead of their use."""

from __future__ import annotations

import collections
import concurrent.futures

import tqdm

from audio_diffstride.audio import decoding as audio_decoding
from audio_diffstride.errors import UserError


def decode_all(recordings, sample_rate_hz: int):
    """Yields (recording, samples or a UserError) in order, decoded in threads.

    Decoding and resampling release Python's lock; a few files are decoded
    ahead, so memory does not grow with the data set.
    """

    def decode(recording):
        try:
            return audio_decoding.read_audio(
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
        ahead = collections.deque()
        for recording in progress:
            ahead.append((recording, pool.submit(decode, recording)))
            if len(ahead) > 64:
                done, future = ahead.popleft()
                yield done, future.result()
        for done, future in ahead:
            yield done, future.result()
