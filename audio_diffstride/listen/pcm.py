"""16-bit samples from a stream of bytes, with or without a WAV header."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator

import numpy as np

from audio_diffstride.audio.reading import MAX_RATE_HZ, MIN_RATE_HZ
from audio_diffstride.errors import UserError
from audio_diffstride.listen.sound import BLOCK_S, Block

_SAMPLE_BYTES = 2
# A program that writes a WAV into a pipe does not know its length yet. It
# states 0 or one of the largest sizes.
_UNKNOWN_BYTES = 0x7FFF0000
_MAX_BLOCK_BYTES = 65536  # whatever a header states
# How compressed recordings begin, in place of samples.
_OTHER_FORMATS = {
    b"fLaC": "flac",
    b"OggS": "ogg",
    b"ID3": "mp3",
    b"RF64": "RF64",
    b"FORM": "aiff",
    b"\x1aE\xdf\xa3": "webm or Matroska",
}


def read(
    file: io.RawIOBase | io.FileIO,
    name: str,
    rate_hz: int | None,
    channels: int | None,
    report: Callable[[str], object],
) -> Iterator[Block]:
    """Yields the sound of a stream as it comes.

    Args:
        file: of 16-bit little-endian samples, those of a frame together; or
            of a WAV of such samples.
        name: of the stream, for messages.
        rate_hz: of samples without a header; None for a WAV.
        channels: of samples without a header; None is one.
        report: called with a sentence if the end is cut off.

    Raises:
        UserError: if there is no sound, or sound of another form.
    """
    stream = _Stream(file)
    start = stream.peek(4)
    if not start:
        raise UserError(f"{name} ended without any sound")
    frames = None
    if start == b"RIFF":
        if rate_hz is not None or channels is not None:
            raise UserError(
                f"{name} is a WAV, which states its own form; leave out "
                "--sample_rate_hz and --channels"
            )
        rate_hz, channels, frames = _read_header(stream, name)
    for begin, form in _OTHER_FORMATS.items():
        if start.startswith(begin):
            raise UserError(
                f"{name} is {form}, but must be 16-bit samples or a WAV; "
                "decode it first, such as by ffmpeg -f wav"
            )
    if rate_hz is None:
        raise UserError(
            f"{name} is not a WAV; state the form of its samples by "
            "--sample_rate_hz, and --channels if there are several"
        )
    channels = channels or 1
    frame_bytes = _SAMPLE_BYTES * channels
    block_bytes = round(BLOCK_S * rate_hz) * frame_bytes
    block_bytes = min(block_bytes, max(_MAX_BLOCK_BYTES, frame_bytes))
    wanted = None if frames is None else frames * frame_bytes
    num_read, torn = 0, b""
    while data := stream.read_some(
        block_bytes if wanted is None else min(block_bytes, wanted - num_read)
    ):
        start_frame = num_read // frame_bytes
        num_read += len(data)
        data = torn + data
        whole = len(data) - len(data) % frame_bytes
        torn = data[whole:]
        if whole:
            samples = np.frombuffer(data[:whole], "<i2").astype(np.int16)
            yield Block(rate_hz, start_frame, samples.reshape(-1, channels))
    if not num_read // frame_bytes:
        raise UserError(f"{name} ended without any sound")
    if wanted is not None and num_read < wanted and frames is not None:
        report(
            f"{name} is cut off after {num_read / frame_bytes / rate_hz:.3f} s "
            f"of the {frames / rate_hz:.3f} s that its header promises"
        )
    elif torn:
        report(
            f"{name} is cut off within a sample; if its sound is noise, check "
            "--channels"
        )


def _read_header(stream: _Stream, name: str) -> tuple[int, int, int | None]:
    """The (sample rate, channels, frames) of a WAV; None for no length."""
    try:
        header = wave.open(stream)  # type: ignore[call-overload]
    except (wave.Error, EOFError) as error:
        raise UserError(
            f"{name} begins as a WAV, but its header cannot be read: "
            f"{error or 'it is cut off'}; give 16-bit samples"
        ) from error
    rate_hz, channels = header.getframerate(), header.getnchannels()
    if header.getsampwidth() != _SAMPLE_BYTES:
        raise UserError(
            f"{name} is a WAV of {8 * header.getsampwidth()} bits, but must "
            "have 16"
        )
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise UserError(
            f"{name} claims a sample rate of {rate_hz} Hz, but must have "
            f"{MIN_RATE_HZ} to {MAX_RATE_HZ} Hz"
        )
    frames = header.getnframes()
    is_known = 0 < frames * channels * _SAMPLE_BYTES < _UNKNOWN_BYTES
    return rate_hz, channels, frames if is_known else None


class _Stream:
    """Bytes that can be looked at before they are read."""

    def __init__(self, file: io.RawIOBase | io.FileIO):
        self._file = file
        self._held = b""

    def peek(self, size: int) -> bytes:
        """The next bytes; fewer only at the end."""
        while len(self._held) < size:
            data = self._file.read(size - len(self._held))
            if not data:
                break
            self._held += data
        return self._held[:size]

    def read(self, size: int) -> bytes:
        """Reads so many bytes; fewer only at the end."""
        data = self.peek(size)
        self._held = self._held[size:]
        return data

    def read_some(self, size: int) -> bytes:
        """Reads what there is, up to so many bytes; none only at the end."""
        if self._held:
            return self.read(min(size, len(self._held)))
        return self._file.read(size) or b""
