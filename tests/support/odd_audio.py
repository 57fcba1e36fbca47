"""Make malformed and odd recordings for tests."""

from __future__ import annotations

import dataclasses
import io
import os
import pathlib
import struct
from collections.abc import Callable

import numpy as np
import soundfile

RATE_HZ = 16000
# A second of a sine at half of full scale.
SINE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)
NOISE = np.random.default_rng(0).normal(0, 0.1, 5 * RATE_HZ)
PCM = np.round(SINE * 32768).astype("<i2").tobytes()


@dataclasses.dataclass(frozen=True)
class Case:
    """A recording that must be read, or refused.

    Attributes:
        name: of the file; bytes if it is not text.
        make: writes it to a path.
        samples: expected length at 16 kHz.
        tolerance: of the length, for lossy codecs.
        peak: relative to full scale, within 2 %; None is not compared.
        refused: pattern of the error; None if it can be read.
        cut_off: pattern of the warning; None if nothing is missing.
    """

    name: str | bytes
    make: Callable[[str], object]
    samples: int = RATE_HZ
    tolerance: int = 0
    peak: float | None = 0.5
    refused: str | None = None
    cut_off: str | None = None


def wav(
    data=PCM,
    *,
    rate_hz=RATE_HZ,
    channels=1,
    bits=16,
    kind=1,
    riff_bytes=None,
    data_bytes=None,
    block_bytes=None,
    before=b"",
    after=b"",
) -> bytes:
    """A wav file with any numbers in its header, true or false."""
    if block_bytes is None:
        block_bytes = channels * bits // 8
    per_second = rate_hz * block_bytes & 0xFFFFFFFF
    fields = (kind, channels, rate_hz, per_second, block_bytes, bits)
    data_bytes = len(data) if data_bytes is None else data_bytes
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, *fields) + before
    body += b"data" + struct.pack("<I", data_bytes) + data + after
    riff_bytes = len(body) if riff_bytes is None else riff_bytes
    return b"RIFF" + struct.pack("<I", riff_bytes) + body


def encoded(format, samples=SINE, rate_hz=RATE_HZ, subtype=None) -> bytes:
    """The bytes of a file that libsndfile writes."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=format, subtype=subtype)
    return file.getvalue()


def content(data: bytes):
    """A maker of a file with these bytes."""
    return lambda path: pathlib.Path(os.fsdecode(path)).write_bytes(data)


def sound(name, *arguments, case=None, **kwargs) -> Case:
    """A case of a file that libsndfile writes."""
    return Case(
        name, lambda p: content(encoded(*arguments, **kwargs))(p), **case or {}
    )


def cut(name, format, keep, samples_of=SINE, **case) -> Case:
    """A file cut after `keep` bytes, or after a share of it if below 1."""

    def make(path):
        whole = encoded(format, samples_of)
        size = int(keep * len(whole)) if 0 < keep < 1 else keep
        content(whole[:size])(path)

    return Case(name, make, **case)


def lie(name, refused=None, case=None, **header) -> Case:
    """A wav with an odd header."""
    return Case(name, content(wav(**header)), refused=refused, **case or {})


def float_wav(name, samples, case=None, rate_hz=RATE_HZ) -> Case:
    """A float64 wav of any numbers."""
    return sound(name, "WAV", np.asarray(samples), rate_hz, "DOUBLE", case=case)


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def rf64_promising(num_bytes: int) -> bytes:
    whole = bytearray(encoded("RF64"))
    place = whole.index(b"ds64") + 16
    whole[place : place + 8] = struct.pack("<Q", num_bytes)
    return bytes(whole)


def flac_promising(num_samples: int) -> bytes:
    whole = bytearray(encoded("FLAC"))
    whole[21] = whole[21] & 0xF0 | num_samples >> 32
    whole[22:26] = struct.pack(">I", num_samples & 0xFFFFFFFF)
    return bytes(whole)


def write(case: Case, folder) -> str:
    """Writes the recording of a case to a folder, and returns its path."""
    path = os.path.join(os.fspath(folder), os.fsdecode(case.name))
    case.make(path)
    return path
