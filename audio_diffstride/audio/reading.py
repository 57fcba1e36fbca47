"""Read a recording of any format and sample rate as mono 16-bit samples."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from audio_diffstride.audio import folders
from audio_diffstride.audio.conversion import mix_down, resample, to_int16
from audio_diffstride.audio.ffmpeg import UNKNOWN_FRAMES, FfmpegFile
from audio_diffstride.errors import UserError

# The default rate of stores.
SAMPLE_RATE_HZ = 16000

Source = str | bytes | os.PathLike[str] | BinaryIO

# A segment may end this long after its recording: label files are rounded.
_END_TOLERANCE_S = 0.05
_SAMPLE_DUMP = "SDS"  # libsndfile reads on after its end, for gigabytes
_BLOCK_FRAMES = 1 << 17  # read at a time: 8 s at 16 kHz
# A rate outside this range means a damaged header. At 1 Hz, 4000 samples
# would last more than an hour.
MIN_RATE_HZ, MAX_RATE_HZ = 100, 10_000_000


def read_audio(
    source: Source,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
    start_s: float | None = None,
    end_s: float | None = None,
    name: str | None = None,
) -> np.ndarray:
    """Reads a recording, mixes it down and resamples it.

    Mono 16-bit files at the requested rate are returned bit for bit. All
    others go through float32, the mean of the channels and soxr's
    high-quality resampler.

    Args:
        source: a path or a binary file object, in any format of libsndfile:
            wav (8 to 32 bit, float), flac, ogg, mp3, aiff and more. FFmpeg
            reads a path with one of `folders.FFMPEG_SUFFIXES`.
        sample_rate_hz: of the returned samples.
        start_s: start of the segment; None is the start of the recording.
        end_s: end of the segment; None is the end of the recording.
        name: of the recording in messages; None is its path.

    Returns:
        int16 samples, of shape (samples,).

    Raises:
        UserError: if the file cannot be read, has no audio, has a sample that
            is not finite, or ends before the segment does.
    """
    return read_with_rate(source, sample_rate_hz, start_s, end_s, name)[0]


def read_with_rate(
    source: Source,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
    start_s: float | None = None,
    end_s: float | None = None,
    name: str | None = None,
) -> tuple[np.ndarray, int]:
    """Reads a recording as `read_audio` does.

    Returns:
        (int16 samples, the sample rate of the file).
    """
    name = name or str(source)
    with open_recording(source, name) as file:
        rate_hz = file.samplerate
        num_frames = seek_segment(file, name, start_s, end_s)
        blocks = list(read_mono_blocks(file, name, sample_rate_hz, num_frames))
    if not blocks:
        raise UserError(f"{name} holds no audio samples")
    samples = np.concatenate(blocks)
    if num_frames and len(samples) < num_frames - _END_TOLERANCE_S * rate_hz:
        raise UserError(
            f"{name} is cut off: of the segment that begins at "
            f"{start_s or 0:g} s it holds {len(samples) / rate_hz:.3f} s"
        )
    if samples.dtype != np.int16:
        samples = to_int16(resample(samples, rate_hz, sample_rate_hz))
    if not len(samples):
        raise UserError(
            f"{name} is too short for a single sample at {sample_rate_hz} Hz"
        )
    return samples, rate_hz


@contextlib.contextmanager
def open_recording(source: Source, name: object) -> Iterator[Any]:
    """Opens a recording as a `soundfile.SoundFile` for reading forwards.

    The suffix alone decides which decoder reads it, so that training and
    prediction get the same samples.

    Args:
        source: a path or a binary file object.
        name: of the recording, for messages.

    Yields:
        The open `soundfile.SoundFile`, or an `FfmpegFile` in its place.

    Raises:
        UserError: if the path is not a regular file (a pipe would block), is
            not audio, or has an impossible sample rate. Also for damage that
            shows only while the file is read.
    """
    import soundfile

    class ForwardFile(soundfile.SoundFile):
        # soundfile seeks to its own position after every read. In an mp3 that
        # resets the decoder, and every block would start with a click.
        def seekable(self) -> bool:
            return False

    try:
        with contextlib.ExitStack() as stack:
            opened: Any = source
            by_ffmpeg = False
            if isinstance(source, str | bytes | os.PathLike):
                if not stat.S_ISREG(os.stat(source).st_mode):
                    raise UserError(f"{name} is not a file; remove it")
                opened = os.fsencode(source)
                # Pass a descriptor: libsndfile would guess the format of a
                # file without a header from its name. An mp3 has no header,
                # and needs its name.
                if not opened.lower().endswith(b".mp3"):
                    opened = stack.enter_context(open(opened, "rb")).fileno()
                by_ffmpeg = folders.needs_ffmpeg(source)
            file: Any = (
                FfmpegFile(opened, name)
                if by_ffmpeg
                else ForwardFile(opened, closefd=False)
            )
            stack.enter_context(file)
            if not MIN_RATE_HZ <= file.samplerate <= MAX_RATE_HZ:
                raise UserError(
                    f"{name} claims a sample rate of {file.samplerate} Hz, but "
                    f"must have {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz; remove it"
                )
            if file.format == _SAMPLE_DUMP:
                raise UserError(
                    f"{name} is a MIDI sample dump; convert it to wav"
                )
            yield file
    except (soundfile.SoundFileError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        reason = reason.rstrip(".").split(": ", maxsplit=1)[-1]
        if "possibly a pipe" in reason:  # mpg123 says so of any other format
            reason = "Format not recognised"
        raise UserError(f"{name} cannot be read as audio: {reason}") from error


def read_mono_blocks(
    file: Any, name: object, sample_rate_hz: int, num_frames: int | None = None
) -> Iterator[np.ndarray]:
    """Reads mono samples from the current position, block by block.

    The length in the header sizes no array: a file of a few bytes may claim
    more samples than the memory can hold.

    Args:
        file: from `open_recording`.
        name: of the recording, for messages.
        sample_rate_hz: the rate that the caller needs in the end.
        num_frames: how many frames to read; None is all.

    Yields:
        Arrays of shape (samples,), never empty. They are int16 for mono
        16-bit files at the needed rate, else float32 in [-1, 1].
    """
    unchanged = (
        file.subtype == "PCM_16"
        and file.channels == 1
        and file.samplerate == sample_rate_hz
    )
    dtype = "int16" if unchanged else "float32"
    num_read = 0
    while num_frames is None or num_read < num_frames:
        block_frames = _BLOCK_FRAMES
        if num_frames is not None:
            block_frames = min(block_frames, num_frames - num_read)
        block = file.read(block_frames, dtype, always_2d=True)
        if not len(block):
            break
        num_read += len(block)
        yield block[:, 0] if unchanged else mix_down(block, name)
    promised = frames_in_header(file) or 0
    if num_frames is None and file.format == "FLAC" and num_read < promised:
        # Cut between two flac frames. The decoder reports all other cuts.
        raise UserError(
            f"{name} cannot be read as audio: it is cut off after {num_read} "
            f"of {promised} samples"
        )


def frames_in_header(file: Any) -> int | None:
    """The number of frames in the header; None if the header has none."""
    return None if file.frames == UNKNOWN_FRAMES else file.frames


def seek_segment(
    file: Any, name: str, start_s: float | None, end_s: float | None
) -> int | None:
    """Seeks to a segment of an open recording.

    Args:
        file: from `open_recording`.
        name: of the recording, for messages.
        start_s: start of the segment; None is the start of the recording.
        end_s: end of the segment; None is the end of the recording.

    Returns:
        The frames of the segment; None is all to the end.

    Raises:
        UserError: if the recording has no such segment.
    """
    if start_s is None and end_s is None:
        return None
    rate_hz = file.samplerate
    promised = frames_in_header(file)
    duration_s = float("inf") if promised is None else promised / rate_hz
    first_s, last_s = start_s or 0.0, duration_s if end_s is None else end_s
    is_inside = last_s <= duration_s + _END_TOLERANCE_S
    if not (is_inside and 0 <= first_s < min(last_s, duration_s)):
        raise UserError(
            f"{name} is {duration_s:.3f} s long and has no segment from "
            f"{first_s:g} to {last_s:g} s"
        )
    first = round(first_s * rate_hz)
    if first:
        file.seek(first)
    if end_s is None:
        return None if promised is None else promised - first
    return min(round(end_s * rate_hz), file.frames) - first
