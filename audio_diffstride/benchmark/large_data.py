"""Made-up data of any size: a store of windows, and a folder of short files."""

from __future__ import annotations

import csv
import itertools
import os
import pathlib
import shutil
import struct
from collections.abc import Iterator

import numpy as np

from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.store_files import FORMAT
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic

RATE_HZ = 16_000
WINDOW = RATE_HZ  # samples
NUM_CLASSES = 10
PER_GROUP = 100  # recordings of a speaker
NUM_HEARD = 20_000  # windows of a store that are more than silence
_FILE_SAMPLES = RATE_HZ // 4
# The noise repeats. No window is a copy of another: the size has no factor in
# common with that of a window.
_NOISE_SAMPLES = 8_000_003


def write_store(path: pathlib.Path, num_windows: int) -> ClipStore:
    """Writes a store of clips of one second, in ten classes.

    The test split is the same sound in clips that are a sample shorter. It
    takes no space of its own. Nor does what follows the first `NUM_HEARD`
    windows: it is silence that was never written.

    Args:
        path: of the store.
        num_windows: of the training split. The test split has one more.

    Raises:
        UserError: if the disk has no room for it.
    """
    check_space(path.parent, 2 * WINDOW * min(num_windows, NUM_HEARD))
    path.mkdir()
    _write_noise(path / "train.pcm", WINDOW * num_windows)
    os.link(path / "train.pcm", path / "test.pcm")
    lengths = {
        "train": [WINDOW] * num_windows,
        "test": [WINDOW - 1] * num_windows + [num_windows],
    }
    for split, of_split in lengths.items():
        with open(
            path / f"{split}.csv", "w", newline="", encoding="utf-8"
        ) as file:
            rows = csv.writer(file)
            rows.writerow([*ClipStore.COLUMNS, "class"])
            rows.writerows(_rows(split, of_split))
    content = {
        "format": FORMAT,
        "holds": ClipStore.HOLDS,
        "name": "large",
        "tasks": {"class": [str(index) for index in range(NUM_CLASSES)]},
        "sample_rate_hz": RATE_HZ,
        "num_clips": {split: len(of) for split, of in lengths.items()},
        "fingerprint": "",
        "split_name": "own",
    }
    atomic.write_json(path / "store.json", content)
    return ClipStore(path)


def _rows(split: str, lengths: list[int]) -> Iterator[list[object]]:
    """The rows of a split's table, with names as long as is usual."""
    offsets = itertools.accumulate(lengths, initial=0)
    for number, (offset, length) in enumerate(zip(offsets, lengths)):
        name = f"{split}/recording_{number:08d}.wav"
        group = f"{split} speaker {number // PER_GROUP:06d}"
        label = str(number % NUM_CLASSES)
        yield [offset, length, name, 0.0, group, label]


def _write_noise(path: pathlib.Path, num_samples: int) -> None:
    noise = memoryview(_noise(min(num_samples, _NOISE_SAMPLES)).tobytes())
    left = 2 * min(num_samples, WINDOW * NUM_HEARD)
    with open(path, "wb") as file:
        while left:
            left -= file.write(noise[:left])
        file.truncate(2 * num_samples)


def _noise(num_samples: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(-3000, 3000, num_samples, np.int16)


def write_files(folder: pathlib.Path, num_files: int) -> None:
    """Writes wav files of a quarter of a second, in a folder per class.

    Raises:
        UserError: if the disk has no room for them.
    """
    check_space(folder.parent, 3 * _FILE_SAMPLES * num_files)
    size = 2 * _FILE_SAMPLES
    header = struct.pack(
        *("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16),
        *(1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16, b"data", size),
    )
    for index in range(NUM_CLASSES):
        (folder / f"class {index}").mkdir(parents=True)
    noise = _noise(_FILE_SAMPLES + num_files)
    for number in range(num_files):
        name = f"class {number % NUM_CLASSES}/recording_{number:08d}.wav"
        samples = noise[number : number + _FILE_SAMPLES].tobytes()
        (folder / name).write_bytes(header + samples)


def check_space(folder: pathlib.Path, num_bytes: int) -> None:
    """Checks that a disk has room.

    Raises:
        UserError: if it has not.
    """
    free = shutil.disk_usage(folder).free
    if free < 1.1 * num_bytes:
        raise UserError(
            f"{folder} has {free / 1e9:.1f} GB free, and the part large needs "
            f"{1.1 * num_bytes / 1e9:.1f} GB; set TMPDIR to another folder, or "
            "give fewer --windows and --files"
        )
