"""Read the recordings and videos that only FFmpeg decodes, through PyAV.

PyAV is an optional package. `folders.FFMPEG_SUFFIXES` lists the formats.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from audio_diffstride.audio import folders
from audio_diffstride.errors import UserError

UNKNOWN_FRAMES = (1 << 63) - 1  # libsndfile's value for an unknown length
# FFmpeg looks at the content. It must not take a file for a playlist, which
# names other files and addresses.
_ALLOWED = "aac,asf,avi,flac,m4a,matroska,mov,mp3,mp4,ogg,wav,webm"
# These state their length. The others' is an estimate.
_STATING_LENGTH = ("asf", "avi", "matroska", "mov")
_TICKS_PER_S = 1_000_000  # of a container


class FfmpegFile:
    """An open recording, as `soundfile.SoundFile` offers it for reading.

    The best sound track is decoded from its beginning. The header of a
    recording may state another rate than its decoder gives, so the first
    samples are decoded at once.

    Args:
        file: descriptor of the open file.
        name: of the recording, for messages.

    Attributes:
        samplerate: in Hz.
        channels: their number.
        duration_s: the length in the header, about; 0 if there is none.
        subtype: the codec, as FFmpeg names it, such as "aac".

    Raises:
        UserError: if PyAV is missing, or the file has no sound that FFmpeg
            can decode.
    """

    format = "FFmpeg"
    frames = UNKNOWN_FRAMES

    def __init__(self, file: int, name: object):
        if not folders.has_ffmpeg():
            raise UserError(
                f"{name} is read by FFmpeg, which is not installed; run "
                f"{folders.INSTALL_FFMPEG}"
            )
        self._name = name
        self._num_decoded = 0
        with self._user_errors(), contextlib.ExitStack() as stack:
            self._container = stack.enter_context(_open(file))
            stream = self._container.streams.best("audio")
            if stream is None:
                raise UserError(f"{name} has no sound; leave it out")
            if stream.codec_context is None:
                raise UserError(
                    f"{name} has sound in a code that FFmpeg does not know; "
                    "convert it to wav"
                )
            self.duration_s = (self._container.duration or 0) / _TICKS_PER_S
            self.subtype = stream.codec_context.name
            self._blocks = self._decode(stream)
            self.samplerate = stream.rate or 0
            self.channels = stream.channels
            first = next(self._blocks, None)
            self._stack = stack.pop_all()
        if first is None:
            first = np.zeros((0, self.channels), np.float32)
        self._held = first

    def __enter__(self) -> FfmpegFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(
        self, frames: int, dtype: str = "float32", always_2d: bool = True
    ) -> np.ndarray:
        """Reads up to `frames` frames; fewer only at the end.

        Returns:
            float32 samples in [-1, 1], of shape (frames, channels).

        Raises:
            UserError: for damage.
        """
        del dtype, always_2d  # the only ones there are
        blocks, count = [self._held], len(self._held)
        while (
            count < frames and (block := next(self._blocks, None)) is not None
        ):
            blocks.append(block)
            count += len(block)
        samples = np.concatenate(blocks)
        self._held = samples[frames:].copy()
        return samples[:frames]

    def seek(self, frames: int) -> None:
        """Skips frames from the beginning, by decoding them.

        A jump would be quicker, but gives other samples than reading on.

        Raises:
            UserError: for a place after the end, or damage before it.
        """
        skipped = 0
        while skipped < frames:
            block = self.read(min(frames - skipped, 1 << 16))
            if not len(block):
                raise UserError(
                    f"{self._name} is {skipped / self.samplerate:.3f} s long "
                    "and has no segment that begins at "
                    f"{frames / self.samplerate:g} s"
                )
            skipped += len(block)

    def _decode(self, stream: Any) -> Iterator[np.ndarray]:
        """Yields blocks of shape (frames, channels), none of them empty."""
        with self._user_errors():
            for frame in self._container.decode(stream):
                block = _to_float(frame)
                kind = frame.sample_rate, block.shape[1]
                if not self._num_decoded:
                    self.samplerate, self.channels = kind
                if kind != (self.samplerate, self.channels):
                    raise UserError(
                        f"{self._name} changes its sample rate or channels "
                        f"after {self._decoded_s():.3f} s; convert it to wav"
                    )
                self._num_decoded += len(block)
                if len(block):
                    yield block

    def _decoded_s(self) -> float:
        return self._num_decoded / (self.samplerate or 1)

    @contextlib.contextmanager
    def _user_errors(self) -> Iterator[None]:
        """Turns FFmpeg's errors into sentences."""
        import av

        try:
            yield
        except (av.FFmpegError, av.codec.codec.UnknownCodecError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            if self._num_decoded:
                place = f"damaged after {self._decoded_s():.3f} s"
            else:
                place = "damaged, cut off or of another format"
            raise UserError(
                f"{self._name} cannot be read as audio: it is {place} "
                f"({reason})"
            ) from error


def lengths_s(path: str | os.PathLike[str]) -> tuple[float, float]:
    """The seconds that a file holds and that its header promises.

    All tracks count: the sound of a video may rightly end before it. Nothing
    is decoded.

    Args:
        path: of a recording that `FfmpegFile` reads.

    Returns:
        (held, promised). (0, 0) if the header does not say, or cannot be
        read.
    """
    import av

    held_s = 0.0
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open(path, "rb"))
        try:
            container = stack.enter_context(_open(file.fileno()))
        except av.FFmpegError:
            return 0.0, 0.0
        name = container.format.name
        if not container.duration or not name.startswith(_STATING_LENGTH):
            return 0.0, 0.0
        ticks = container.duration + (container.start_time or 0)
        with contextlib.suppress(av.FFmpegError):
            for packet in container.demux():
                if packet.pts is not None:
                    end = packet.pts + (packet.duration or 0)
                    held_s = max(held_s, float(end * packet.time_base))
    return held_s, ticks / _TICKS_PER_S


class _Source(io.FileIO):
    """A file whose damage may ask for places that do not exist."""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        try:
            return super().seek(offset, whence)
        except OSError:
            return -1  # an exception would be printed, and dropped


@contextlib.contextmanager
def _open(file: int) -> Iterator[Any]:
    """Opens a container by the descriptor of its file.

    FFmpeg gets no path: it would open an address, too.
    """
    import av

    with (
        _Source(file, "rb", closefd=False) as opened,
        av.open(
            opened,
            options={"format_whitelist": _ALLOWED},
            metadata_errors="ignore",
        ) as container,
    ):
        yield container


def _to_float(frame: Any) -> np.ndarray:
    """The samples of a frame as float32, of shape (frames, channels)."""
    samples = frame.to_ndarray()
    if frame.format.is_planar:
        samples = samples.T
    else:
        samples = samples.reshape(-1, frame.layout.nb_channels)
    if samples.dtype.kind == "f":
        with np.errstate(over="ignore"):  # becomes infinite, and is refused
            return samples.astype(np.float32)
    if samples.dtype == np.uint8:
        samples = samples.astype(np.int16) - 128
        return samples.astype(np.float32) / 128
    full_scale = -float(np.iinfo(samples.dtype).min)
    return (samples / full_scale).astype(np.float32)
