"""Reading a recording: any format and sample rate to mono 16-bit samples."""

from __future__ import annotations

import collections.abc
import contextlib
import os
import pathlib
import stat

import numpy as np

from audio_diffstride.errors import UserError

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".opus", ".aif", ".aiff")

# A segment may end this much after its recording: label files are rounded.
_END_TOLERANCE_S = 0.05
_BLOCK_FRAMES = 65536  # read at a time: 4 s at 16 kHz
# A header that says something else is damaged: 1 Hz would make an hour of
# every quarter of a second.
_RATES_HZ = (100, 10_000_000)
_UNKNOWN_FRAMES = (1 << 63) - 1  # libsndfile's word for it
# Of full scale. Beyond it soxr would make infinities of finite samples.
_LOUDEST = 1000.0


def read_audio(
    source,
    sample_rate_hz: int = 16000,
    start_s: float | None = None,
    end_s: float | None = None,
    name: str | None = None,
) -> np.ndarray:
    """Decodes a recording, mixes it down and resamples it.

    Mono 16-bit files at the wanted rate come back bit for bit; everything
    else goes through float32, the mean of the channels and soxr's
    high-quality resampler.

    Args:
        source: a path or a binary file object of anything libsndfile reads:
            wav (8 to 32 bit, float), flac, ogg, mp3, aiff and more.
        sample_rate_hz: of the samples returned.
        start_s: where to begin; None is the beginning.
        end_s: where to stop; None is the end.
        name: what messages call the recording; None is its path.

    Returns:
        int16 samples, of shape (samples,).

    Raises:
        UserError: for a file that cannot be read, holds no audio or a
            non-finite sample, or ends before the segment does.
    """
    name = name or str(source)
    with opened(source, name) as file:
        rate_hz = file.samplerate
        frames = _seek(file, name, start_s, end_s)
        blocks = list(mono_blocks(file, name, sample_rate_hz, frames))
    if not blocks:
        raise UserError(f"{name} holds no audio samples")
    samples = np.concatenate(blocks)
    if frames and len(samples) < frames - _END_TOLERANCE_S * rate_hz:
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
    return samples


@contextlib.contextmanager
def opened(source, name):
    """Yields a recording as a `soundfile.SoundFile` that is read forwards.

    Args:
        source: a path, of whatever bytes, or a binary file object.
        name: what messages call the recording.

    Raises:
        UserError: for what is no file (reading a pipe would wait for ever), is
            no audio or has a sample rate that no recording has; and, inside
            the block, for what turns out to be damaged.
    """
    import soundfile

    class ForwardFile(soundfile.SoundFile):
        # soundfile seeks to where it is after every read, and in an mp3 that
        # forgets what the next frame needs: a click at every block.
        def seekable(self):
            return False

    try:
        with contextlib.ExitStack() as stack:
            if isinstance(source, str | bytes | os.PathLike):
                if not stat.S_ISREG(os.stat(source).st_mode):
                    raise UserError(f"{name} is not a file; remove it")
                source = os.fsencode(source)
                # By its descriptor: of a file without a header libsndfile
                # would take the name for its format. An mp3 has no header.
                if not source.lower().endswith(b".mp3"):
                    source = stack.enter_context(open(source, "rb")).fileno()
            file = stack.enter_context(ForwardFile(source, closefd=False))
            if not _RATES_HZ[0] <= file.samplerate <= _RATES_HZ[1]:
                raise UserError(
                    f"{name} claims a sample rate of {file.samplerate} Hz; "
                    f"{_RATES_HZ[0]} to {_RATES_HZ[1]} are read"
                )
            yield file
    except (soundfile.SoundFileError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        reason = reason.rstrip(".").split(": ", maxsplit=1)[-1]
        if "possibly a pipe" in reason:  # mpg123, of what is no mp3
            reason = "Format not recognised"
        raise UserError(f"{name} cannot be read as audio: {reason}") from error


def mono_blocks(
    file, name, sample_rate_hz: int, frames: int | None = None
) -> collections.abc.Iterator[np.ndarray]:
    """The mono samples of an open recording, from where it stands.

    Nothing is believed of what a header says of the length: that of a few
    bytes may promise an array larger than the memory.

    Args:
        file: of `opened`.
        name: what messages call the recording.
        sample_rate_hz: that is wanted in the end.
        frames: how many; None is to the end.

    Yields:
        Arrays of shape (samples,), none empty: int16 if these are mono 16-bit
        samples at the wanted rate already, else float32 in [-1, 1].
    """
    is_pcm16 = file.subtype == "PCM_16"
    dtype = "int16" if is_pcm16 else "float32"
    as_it_is = (
        is_pcm16 and file.channels == 1 and file.samplerate == sample_rate_hz
    )
    read = 0
    while frames is None or read < frames:
        wanted = _BLOCK_FRAMES
        if frames is not None:
            wanted = min(wanted, frames - read)
        block = file.read(wanted, dtype, always_2d=True)
        if not len(block):
            break
        read += len(block)
        yield block[:, 0] if as_it_is else mix_down(block, name)
    promised = promised_frames(file)
    if frames is None and file.format == "FLAC" and read < (promised or 0):
        # Cut off between two of its frames: elsewhere the decoder says so.
        raise UserError(
            f"{name} cannot be read as audio: it is cut off after {read} of "
            f"{promised} samples"
        )


def promised_frames(file) -> int | None:
    """How many frames an open recording has by its header, if it says so."""
    return None if file.frames == _UNKNOWN_FRAMES else file.frames


def mix_down(samples: np.ndarray, name) -> np.ndarray:
    """The mean of the channels, as float32; full scale is 1.

    Args:
        samples: (samples, channels), int16 or floating.
        name: what messages call the recording.

    Raises:
        UserError: if a sample is not a finite number.
    """
    if samples.dtype == np.int16:
        samples = samples.astype(np.float32) / 32768
    if not np.isfinite(samples).all():
        raise UserError(f"{name} holds samples that are not finite numbers")
    return samples.clip(-_LOUDEST, _LOUDEST).mean(axis=1)


def _seek(file, name, start_s, end_s) -> int | None:
    """Goes to a segment; how many frames it has, None if to the end."""
    if start_s is None and end_s is None:
        return None
    rate_hz = file.samplerate
    promised = promised_frames(file)
    duration_s = float("inf") if promised is None else promised / rate_hz
    first_s, last_s = start_s or 0.0, duration_s if end_s is None else end_s
    if not 0 <= first_s < last_s <= duration_s + _END_TOLERANCE_S:
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


def resample(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """Resamples float samples with soxr's high-quality setting."""
    if from_hz == to_hz:
        return samples
    import soxr

    return soxr.resample(samples, from_hz, to_hz, quality="HQ")


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Float samples in [-1, 1] as 16-bit integers, rounded and clipped.

    >>> to_int16(np.array([-1.5, 0.0, 0.5, 1.0])).tolist()
    [-32768, 0, 16384, 32767]
    """
    scaled = np.round(np.asarray(samples) * 32768.0)
    return np.clip(scaled, -32768, 32767).astype(np.int16)


def recordings_below(folder) -> list[pathlib.Path]:
    """What is called like a recording in a folder, to its depths, sorted.

    Links to folders are followed, into each folder once. A link that leads
    nowhere is among them: reading it will say so.

    Raises:
        UserError: for a folder that cannot be read.
    """
    return [
        path
        for path in files_below(folder)
        if path.suffix.lower() in AUDIO_SUFFIXES
    ]


def files_below(folder) -> list[pathlib.Path]:
    """All that is no folder in a folder; see `recordings_below`."""

    def refuse(error):
        raise UserError(
            f"{error.filename} cannot be read: {error.strerror}"
        ) from error

    found, seen = [], set()
    walk = os.walk(folder, onerror=refuse, followlinks=True)
    for parent, folders, files in walk:
        status = os.stat(parent)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders.sort()
        found += [pathlib.Path(parent, file) for file in files]
    return sorted(found)
