"""Clips: sound of any length, as 16-bit samples.

The store of a data set (see `store_files`) has two files per split:

    <split>.pcm     all clips, one after the other: little-endian 16-bit mono
                    samples at one sample rate
    <split>.csv     for each clip its offset and length in samples, the source
                    file, the start in that file, and the group
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from audio_diffstride.datasets.kinds import Label
from audio_diffstride.datasets.store_files import TEXT, Store
from audio_diffstride.datasets.store_writer import StoreWriter
from audio_diffstride.files import json_files


@dataclasses.dataclass(frozen=True)
class Clips:
    """The clips of one split.

    Attributes:
        samples: int16, all clips one after the other.
        offsets: index of each clip's first sample in `samples`.
        lengths: number of samples of each clip.
        labels: {task: class index of each clip, or `NO_LABEL`}. With several
            labels a row of 1, 0 and `NO_LABEL` for each clip.
        files: source file of each clip, relative to its data set, as text.
        starts_s: start of each clip in its source file.
        groups: group of each clip, or "", as text. A group stays in one split.
    """

    samples: np.ndarray
    offsets: np.ndarray
    lengths: np.ndarray
    labels: dict[str, np.ndarray]
    files: np.ndarray
    starts_s: np.ndarray
    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int) -> np.ndarray:
        """The samples of one clip."""
        begin = self.offsets[index]
        return self.samples[begin : begin + self.lengths[index]]

    def is_complete(self) -> bool:
        """Whether the clips lie one after the other and fill `samples`."""
        ends = np.cumsum(self.lengths)
        return bool(
            (self.lengths > 0).all()
            and (self.offsets == ends - self.lengths).all()
            and len(self.samples) == ends[-1]
        )

    def only(self, chosen: np.ndarray) -> Clips:
        """Some of the clips, by their indices."""
        return dataclasses.replace(
            self,
            offsets=self.offsets[chosen],
            lengths=self.lengths[chosen],
            labels={task: each[chosen] for task, each in self.labels.items()},
            files=self.files[chosen],
            starts_s=self.starts_s[chosen],
            groups=self.groups[chosen],
        )

    def windows(
        self, chosen: np.ndarray, starts: np.ndarray, num_samples: int
    ) -> np.ndarray:
        """Cuts windows out of clips, with zeros beyond the ends of a clip.

        Args:
            chosen: index of the clip of each window.
            starts: first sample of each window in its clip; may be negative.
            num_samples: length of every window.

        Returns:
            int16, of shape (windows, samples).
        """
        begins = np.maximum(starts, 0)
        ends = np.minimum(starts + num_samples, self.lengths[chosen])
        counts = np.maximum(ends - begins, 0)
        rows = np.zeros((len(chosen), num_samples), np.int16)
        samples = self.samples.view(np.ndarray)  # slicing a memory map is slow
        for row, place, source, count in zip(
            rows,
            (begins - starts).tolist(),
            (self.offsets[chosen] + begins).tolist(),
            counts.tolist(),
        ):
            row[place : place + count] = samples[source : source + count]
        return rows


class ClipStore(Store):
    """Prepared recordings on disk.

    Attributes:
        sample_rate_hz: of all samples.
    """

    HOLDS = "clips"
    SUFFIX = "pcm"
    COLUMNS = {
        "offset": np.int64,
        "length": np.int64,
        "file": TEXT,
        "start_s": np.float64,
        "group": TEXT,
    }
    ATTRIBUTES = {"sample_rate_hz": json_files.POSITIVE}

    sample_rate_hz: int

    def _read(
        self,
        split: str,
        columns: dict[str, np.ndarray],
        labels: dict[str, np.ndarray],
    ) -> Clips:
        return Clips(
            samples=np.memmap(
                self.path / f"{split}.{self.SUFFIX}", "<i2", mode="r"
            ),
            offsets=columns["offset"],
            lengths=columns["length"],
            labels=labels,
            files=columns["file"],
            starts_s=columns["start_s"],
            groups=columns["group"],
        )


class ClipStoreWriter(StoreWriter):
    """Writes a `ClipStore`."""

    STORE = ClipStore

    def __init__(self, *args: Any):
        super().__init__(*args)
        self._offsets: dict[str, int] = {}  # {split: samples so far}

    def add(
        self,
        split: str,
        samples: np.ndarray,
        labels: Mapping[str, Label],
        file: str = "",
        start_s: float = 0.0,
        group: str = "",
    ) -> None:
        """Appends a clip.

        Args:
            split: "train", "validation" or "test".
            samples: int16, of shape (samples,), not empty.
            labels: {task: class name, or `Labels` of several}; tasks without
                a label are left out.
            file: the source file.
            start_s: start in the source file.
            group: the group, or "".

        Raises:
            ValueError: for samples of another type or shape.
        """
        samples = np.asarray(samples)
        if samples.dtype != np.int16 or samples.ndim != 1 or not samples.size:
            raise ValueError(
                "`samples` must be int16 of shape (samples,), not empty. "
                f"Received: {samples.dtype} of shape {samples.shape}"
            )
        offset = self._offsets.get(split, 0)
        row = [offset, len(samples), file, start_s, group]
        self._append(
            split, np.ascontiguousarray(samples, "<i2").data, row, labels
        )
        self._offsets[split] = offset + len(samples)
