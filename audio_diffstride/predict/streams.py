"""Recordings of any length as windows, read block by block.

Nothing here grows with a recording: a day of sound is read in the memory of
a minute. The samples are those of `audio.read_audio`, bit for bit.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import pathlib

import numpy as np

from audio_diffstride.audio import conversion, folders, reading
from audio_diffstride.errors import UserError


@dataclasses.dataclass(frozen=True)
class Window:
    """A stretch of a recording, as long as what the model listens to.

    Attributes:
        start_sample: where it begins in the resampled recording.
        held_samples: how much of it is recording; the rest is zeros.
        samples: int16, of shape (samples,).
    """

    start_sample: int
    held_samples: int
    samples: np.ndarray

    @property
    def padded(self) -> bool:
        """Whether the recording ended inside the window."""
        return self.held_samples < len(self.samples)


def header(path) -> tuple[float, int]:
    """What a recording's header says: its (seconds, sample rate in Hz).

    The seconds are 0 where it does not say: a flac that was streamed.

    Raises:
        UserError: for a file that cannot be read.
    """
    with reading.open_recording(path, path) as file:
        frames = reading.frames_in_header(file) or 0
        return frames / file.samplerate, file.samplerate


def read_blocks(
    path, sample_rate_hz: int = 16000
) -> collections.abc.Iterator[np.ndarray]:
    """The samples of `audio.read_audio`, one block after the other.

    Mono 16-bit files at the wanted rate come bit for bit; everything else
    goes through float32, the mean of the channels and soxr's stream, whose
    output is that of the whole signal whatever the blocks.

    Args:
        path: of anything libsndfile reads.
        sample_rate_hz: of the samples yielded.

    Yields:
        int16 arrays of shape (samples,), never empty.

    Raises:
        UserError: for a file that cannot be read to its end, holds no audio
            or a sample that is not a finite number.
    """
    any_samples = False
    with reading.open_recording(path, path) as file:
        for block in _resampled(file, path, sample_rate_hz):
            if len(block):
                any_samples = True
                yield block
    if not any_samples:
        raise UserError(f"{path} holds no audio samples")


def _resampled(file, path, sample_rate_hz: int):
    blocks = reading.read_mono_blocks(file, path, sample_rate_hz)
    if file.samplerate == sample_rate_hz:
        for block in blocks:
            is_int16 = block.dtype == np.int16
            yield block if is_int16 else conversion.to_int16(block)
        return
    import soxr

    stream = soxr.ResampleStream(
        file.samplerate, sample_rate_hz, 1, dtype="float32", quality="HQ"
    )
    for block in blocks:
        yield conversion.to_int16(stream.resample_chunk(block))
    # What the filter still holds back.
    rest = stream.resample_chunk(np.zeros(0, np.float32), last=True)
    yield conversion.to_int16(rest)


def cut_windows(
    blocks, window_samples: int, hop_samples: int
) -> collections.abc.Iterator[Window]:
    """Windows from the first sample on, the last one padded with zeros.

    The last window is the first that reaches the end, so that every sample
    is in at least one window and none is there for a stretch already heard.

    Args:
        blocks: int16 arrays, one after the other, of any lengths.
        window_samples: length of a window.
        hop_samples: from the start of one to that of the next; at most
            `window_samples`.

    Yields:
        `Window`s in order.

    Example:
    >>> blocks = [np.arange(5, dtype=np.int16), np.arange(5, 7)]
    >>> [(w.start_sample, w.held_samples) for w in cut_windows(blocks, 4, 2)]
    [(0, 4), (2, 4), (4, 3)]
    """
    held = np.zeros(0, np.int16)
    start = 0
    for block in blocks:
        held = np.concatenate([held, block])
        begin = 0
        # One sample more than a window: there is another one after it.
        while len(held) - begin > window_samples:
            samples = held[begin : begin + window_samples]
            yield Window(start, window_samples, samples)
            begin += hop_samples
            start += hop_samples
        held = held[begin:]
    if len(held):
        padding = window_samples - len(held)
        yield Window(start, len(held), np.pad(held, (0, padding)))


def find_recordings(paths) -> list[tuple[str, pathlib.PurePath]]:
    """The recordings among files and folders, each once.

    Args:
        paths: files, taken whatever they are called, and folders, searched
            to their depths for `audio.AUDIO_SUFFIXES`.

    Returns:
        (path, its name below the folder that was given) of each, in the
        order of `paths` and sorted within a folder.

    Raises:
        UserError: for a path that does not exist, or if there is none.
    """
    found = {}
    for path in map(pathlib.Path, paths):
        if not path.exists():
            raise UserError(f"{path} does not exist; give files or folders")
        if not path.is_dir():
            found.setdefault(str(path), pathlib.PurePath(path.name))
            continue
        for file in folders.list_recordings(path):
            found.setdefault(str(file), file.relative_to(path))
    if not found:
        raise UserError(
            f"there is no recording in {', '.join(map(str, paths))} "
            f"({', '.join(folders.AUDIO_SUFFIXES)})"
        )
    return list(found.items())
