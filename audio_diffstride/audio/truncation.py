"""Recordings that hold less than they promise: a recorder lost its power.

libsndfile refuses a flac that is cut off, and reads what there is of anything
else without a word.
"""

from __future__ import annotations

import os
import struct

from audio_diffstride.audio import decoding

# What programs write that stream to a pipe, and so do not know the length:
# nothing, or the largest number there is, perhaps less the header.
_OPEN_ENDED_BYTES = (0, 1 << 31, 1 << 32, 1 << 63, 1 << 64)
_HEADER_BYTES = 4096
_SSND_BYTES = 8  # offset and block size, before the samples of an aiff
# The last page of an ogg begins in them, whatever tag comes after it.
_TAIL_BYTES = 1 << 17
_LAST_PAGE = 4


def find(path) -> str | None:
    """Says how much of a recording is missing; None if it is whole.

    Found are wav (RIFF and RF64) and aiff whose samples are fewer than their
    header promises, mp3 whose frames are (if a Xing header counts them), and
    ogg without a last page. Damage in the middle of a file is not sought.

    Args:
        path: of a recording that can be read.

    Returns:
        A sentence that names the file and the seconds held and promised.
    """
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
            if held < promised:  # its header does not count what is there
                held_s, promised_s = _decoded_s(path), _header_s(path)
                return _told(path, promised - held, held_s, promised_s)
    if held >= promised or held <= 0:
        return None
    held_s = _header_s(path)
    return _told(path, promised - held, held_s, held_s * promised / held)


def _told(path, num_bytes: int, held_s: float, promised_s: float) -> str:
    return (
        f"{path} is cut off: the last {num_bytes} bytes are missing, it holds "
        f"{held_s:.3f} s of the {promised_s:.3f} s that it promises"
    )


def _header_s(path) -> float:
    with decoding.opened(path, path) as file:
        return file.frames / file.samplerate


def _decoded_s(path) -> float:
    with decoding.opened(path, path) as file:
        blocks = decoding.mono_blocks(file, path, file.samplerate)
        return sum(map(len, blocks)) / file.samplerate


def _wav_bytes(file, magic: bytes) -> tuple[int, int]:
    """How many bytes of samples are (there, promised)."""
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


def _chunk_bytes(file, wanted: bytes, form: str) -> tuple[int, int]:
    """The bytes (there, promised) of a chunk; (0, 0) if there is none."""
    size = os.fstat(file.fileno()).st_size
    while len(head := file.read(8)) == 8:
        name, length = struct.unpack(form, head)
        if name == wanted:
            return size - file.tell(), length
        file.seek(length + length % 2, os.SEEK_CUR)
    return 0, 0


def _has_last_page(file) -> bool:
    """Whether the last page of an ogg is whole and says that it is the last."""
    size = os.fstat(file.fileno()).st_size
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27 or not page[5] & _LAST_PAGE:
        return False
    lacing = page[27 : 27 + page[26]]
    return len(page) >= 27 + page[26] + sum(lacing)


def _mp3_bytes(file, magic: bytes) -> tuple[int, int]:
    """The bytes of frames (there, promised); (0, 0) if nothing promises."""
    start = 0
    if magic[:3] == b"ID3":
        # Seven bits of each byte, and the tag's own ten bytes.
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
    if flags & 3 != 3:  # it counts frames and bytes
        return 0, 0
    return os.fstat(file.fileno()).st_size - start, num_bytes
