"""Windows of a recording of any length, read block by block.

Memory does not grow with the recording: a day needs as much as a minute. The
samples are those of `audio.read_audio`, bit for bit.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import os
import pathlib

import numpy as np

from audio_diffstride.audio import conversion, folders, reading
from audio_diffstride.audio.ffmpeg import FfmpegFile
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.terminal.notices import note


@dataclasses.dataclass(frozen=True)
class Window:
    """A part of a recording, as long as the model's input.

    Attributes:
        start_sample: where it begins in the resampled recording.
        held_samples: how many samples are recording; the rest are zeros.
        samples: int16, of shape (samples,).
    """

    start_sample: int
    held_samples: int
    samples: np.ndarray

    @property
    def padded(self) -> bool:
        """Whether the recording ends inside the window."""
        return self.held_samples < len(self.samples)


def read_header(path: str | os.PathLike[str]) -> tuple[float, int]:
    """Reads the (seconds, sample rate in Hz) of a recording from its header.

    The seconds are 0 if the header lacks them, as in a streamed flac.

    Raises:
        UserError: for a file that cannot be read.
    """
    with reading.open_recording(path, path) as file:
        if isinstance(file, FfmpegFile):
            return file.duration_s, file.samplerate
        frames = reading.frames_in_header(file) or 0
        return frames / file.samplerate, file.samplerate


def read_blocks(
    path: str | os.PathLike[str], sample_rate_hz: int = 16000
) -> collections.abc.Iterator[np.ndarray]:
    """Reads the samples of `audio.read_audio`, one block after the other.

    Mono 16-bit files at the wanted rate are read bit for bit. Everything else
    becomes float32, is averaged over the channels and resampled by soxr as a
    stream. The size of the blocks does not change the result.

    Args:
        path: of a recording.
        sample_rate_hz: of the samples yielded.

    Yields:
        int16 arrays of shape (samples,), never empty.

    Raises:
        UserError: for a file that cannot be read to its end, is empty, or
            holds a sample that is not a finite number.
    """
    any_samples = False
    with reading.open_recording(path, path) as file:
        blocks = reading.read_mono_blocks(file, path, sample_rate_hz)
        for block in resample_blocks(blocks, file.samplerate, sample_rate_hz):
            if len(block):
                any_samples = True
                yield block
    if not any_samples:
        raise UserError(f"{path} holds no audio samples")


def resample_blocks(
    blocks: collections.abc.Iterable[np.ndarray], from_hz: int, to_hz: int
) -> collections.abc.Iterator[np.ndarray]:
    """Resamples the blocks of a mono stream; `to_hz` samples are only rounded.

    The size of the blocks does not change the result.

    Args:
        blocks: float32 arrays in [-1, 1]; at `to_hz` also int16.
        from_hz: the sample rate of the blocks.
        to_hz: that of the samples yielded.

    Yields:
        int16 arrays of shape (samples,); some may be empty.
    """
    if from_hz == to_hz:
        for block in blocks:
            yield (
                block if block.dtype == np.int16 else conversion.to_int16(block)
            )
        return
    import soxr

    stream = soxr.ResampleStream(
        from_hz, to_hz, 1, dtype="float32", quality="HQ"
    )
    for block in blocks:
        yield conversion.to_int16(stream.resample_chunk(block))
    # The samples that the filter still holds.
    rest = stream.resample_chunk(np.zeros(0, np.float32), last=True)
    yield conversion.to_int16(rest)


def cut_windows(
    blocks: collections.abc.Iterable[np.ndarray],
    window_samples: int,
    hop_samples: int,
) -> collections.abc.Iterator[Window]:
    """Cuts windows from the first sample on; pads the last one with zeros.

    The last window is the first one that reaches the end. So every sample is
    in a window, and every window has new samples.

    Args:
        blocks: int16 arrays of any lengths.
        window_samples: length of a window.
        hop_samples: from the start of one window to the next; at most
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
        # With one sample more than a window, another window follows.
        while len(held) - begin > window_samples:
            samples = held[begin : begin + window_samples]
            yield Window(start, window_samples, samples)
            begin += hop_samples
            start += hop_samples
        held = held[begin:]
    if len(held):
        padding = window_samples - len(held)
        yield Window(start, len(held), np.pad(held, (0, padding)))


def find_recordings(
    paths: collections.abc.Iterable[str | os.PathLike[str]],
) -> list[tuple[str, pathlib.PurePath]]:
    """Finds the recordings among files and folders, each once.

    A line on stderr counts the files in folders that only FFmpeg reads, where
    it is missing.

    Args:
        paths: files with any name, and folders. Folders and their sub-folders
            are searched for files with `folders.recording_suffixes`.

    Returns:
        (path, its name below the given folder) of each, in the order of
        `paths` and sorted within a folder.

    Raises:
        UserError: for a path that does not exist, if nothing is found, or if
            only tables and archives are given.
    """
    found: dict[str, pathlib.PurePath] = {}
    left_out: list[str] = []
    places = [pathlib.Path(path) for path in paths]
    for path in places:
        if not path.exists():
            raise UserError(f"{path} does not exist; give files or folders")
        if not path.is_dir():
            found.setdefault(str(path), pathlib.PurePath(path.name))
            continue
        for file in folders.list_recordings(path):
            found.setdefault(str(file), file.relative_to(path))
        left_out += folders.describe_left_out(folders.list_files(path))
    for line in left_out:
        note(line)
    if not found:
        suffixes = ", ".join(folders.recording_suffixes())
        raise UserError(
            f"there is no recording in {join_some(places)}; give a folder with "
            f"{suffixes} files"
        )
    others = [folders.other_kind(path) for path in found]
    if all(others):
        raise UserError(
            f"{next(iter(found))} is {others[0]}, not a recording; give "
            "recordings, or folders with recordings"
        )
    return list(found.items())
