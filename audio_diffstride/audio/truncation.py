"""Find recordings that hold less than their header promises.

A recorder that loses power leaves such files. libsndfile refuses a flac that
is cut off. It reads what is there of all other formats, without an error.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

from audio_diffstride.audio import ffmpeg, folders, reading

# Lengths that programs write when they stream to a pipe and do not know the
# length: zero, or the largest number, perhaps minus the header.
_OPEN_ENDED_BYTES = (0, 1 << 31, 1 << 32, 1 << 63, 1 << 64)
_HEADER_BYTES = 4096
_SSND_BYTES = 8  # offset and block size, before the samples of an aiff
_TAIL_BYTES = 1 << 17  # the last page of an ogg starts here, tags included
_LAST_PAGE = 4
# Containers round the length, and count what encoders add.
_MIN_MISSING_S = 0.5


def find(path: str | os.PathLike[str]) -> str | None:
    """Describes how much of a recording is missing.

    The check covers these formats. Wav (RIFF and RF64) and aiff have fewer
    samples than their header promises. Mp3 has fewer frames, if a Xing header
    counts them. Ogg lacks its last page. What FFmpeg reads, such as m4a or a
    video, ends before the length in its header. Damage inside a file is not
    searched.

    Args:
        path: of a recording that can be read.

    Returns:
        A sentence with the file and its seconds, held and promised. None if
        nothing is missing.
    """
    if folders.needs_ffmpeg(path):
        held_s, promised_s = ffmpeg.lengths_s(path)
        if promised_s - held_s < _MIN_MISSING_S:
            return None
        return (
            f"{path} is cut off: it ends at {held_s:.3f} s of the "
            f"{promised_s:.3f} s that it promises"
        )
    with open(path, "rb") as file:
        magic = file.read(12).ljust(12, b"\0")
        if magic[:4] == b"OggS":
            if _has_last_page(file):
                return None
            held_s = _header_s(path)
            return f"{path} is cut off after {held_s:.3f} s: its end is missing"
        if magic[:4] in (b"RIFF", b"RIFX", b"RF64") and magic[8:] == b"WAVE":
            held, promised = _wav_bytes(file, magic[:4])
        elif magic[:4] == b"FORM":
            held, promised = _chunk_bytes(file, b"SSND", ">4sI")
            held, promised = held - _SSND_BYTES, promised - _SSND_BYTES
        else:
            held, promised = _mp3_bytes(file, magic)
            # The header has no seconds held: decode them.
            if held < promised:
                held_s, promised_s = _decoded_s(path), _header_s(path)
                return _describe(path, promised - held, held_s, promised_s)
    if held >= promised or held <= 0:
        return None
    held_s = _header_s(path)
    return _describe(path, promised - held, held_s, held_s * promised / held)


def _describe(
    path: str | os.PathLike[str],
    num_bytes: int,
    held_s: float,
    promised_s: float,
) -> str:
    return (
        f"{path} is cut off: the last {num_bytes} bytes are missing, it holds "
        f"{held_s:.3f} s of the {promised_s:.3f} s that it promises"
    )


def _header_s(path: str | os.PathLike[str]) -> float:
    with reading.open_recording(path, path) as file:
        return file.frames / file.samplerate


def _decoded_s(path: str | os.PathLike[str]) -> float:
    with reading.open_recording(path, path) as file:
        blocks = reading.read_mono_blocks(file, path, file.samplerate)
        return sum(map(len, blocks)) / file.samplerate


def _wav_bytes(file: BinaryIO, magic: bytes) -> tuple[int, int]:
    """The bytes of samples of a wav: (held, promised)."""
    length_64 = None
    if magic == b"RF64":
        head = file.read(24)
        if len(head) == 24 and head[:4] == b"ds64":
            length_64 = struct.unpack("<Q", head[16:])[0]
        file.seek(12)
    form = ">4sI" if magic == b"RIFX" else "<4sI"
    held, promised = _chunk_bytes(file, b"data", form)
    if length_64 is not None and held:
        promised = length_64
    for length in _OPEN_ENDED_BYTES:
        if abs(promised - length) <= (_HEADER_BYTES if length else 0):
            return held, 0
    return held, promised


def _chunk_bytes(file: BinaryIO, wanted: bytes, form: str) -> tuple[int, int]:
    """The bytes of a chunk: (held, promised). (0, 0) without the chunk."""
    size = os.fstat(file.fileno()).st_size
    while len(head := file.read(8)) == 8:
        name, length = struct.unpack(form, head)
        if name == wanted:
            return size - file.tell(), length
        file.seek(length + length % 2, os.SEEK_CUR)
    return 0, 0


def _has_last_page(file: BinaryIO) -> bool:
    """Whether an ogg ends with a complete page that is marked as the last."""
    size = os.fstat(file.fileno()).st_size
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27 or not page[5] & _LAST_PAGE:
        return False
    lacing = page[27 : 27 + page[26]]
    return len(page) >= 27 + page[26] + sum(lacing)


def _mp3_bytes(file: BinaryIO, magic: bytes) -> tuple[int, int]:
    """The bytes of frames of an mp3: (held, promised). (0, 0) if unknown."""
    start = 0
    if magic[:3] == b"ID3":
        # The size has seven bits per byte. The tag's header has ten bytes.
        start = 10 + sum(
            (byte & 0x7F) << shift
            for byte, shift in zip(magic[6:10], (21, 14, 7, 0))
        )
    file.seek(start)
    frame = file.read(256)
    place = max(frame.find(b"Xing"), frame.find(b"Info"))
    if frame[:1] != b"\xff" or place < 0 or len(frame) < place + 16:
        return 0, 0
    flags, _, num_bytes = struct.unpack(">3I", frame[place + 4 : place + 16])
    if flags & 3 != 3:  # the header must count frames and bytes
        return 0, 0
    return os.fstat(file.fileno()).st_size - start, num_bytes
