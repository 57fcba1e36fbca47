"""Clips: recorded sound as 16-bit samples, of any length.

In the store of a data set (see `store_files`)

    <split>.pcm     is all clips of a split, one after the other:
                    little-endian 16-bit mono samples at one sample rate
    <split>.csv     has for each its offset and length in samples, the file
                    and the start it came from, and its group
"""

from __future__ import annotations

import dataclasses

import numpy as np

from audio_diffstride.datasets.store_files import Store, StoreWriter


@dataclasses.dataclass(frozen=True)
class Clips:
    """The clips of one split.

    Attributes:
        samples: int16, all clips one after the other.
        offsets: where each clip begins in `samples`.
        lengths: the samples of each clip.
        labels: {task: class index of each clip, or `NO_LABEL`}.
        files: the file each clip came from, relative to its data set.
        starts_s: where in that file it begins.
        groups: what must not be on both sides of a split, or "".
    """

    samples: np.ndarray
    offsets: np.ndarray
    lengths: np.ndarray
    labels: dict[str, np.ndarray]
    files: list[str]
    starts_s: list[float]
    groups: list[str]

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, index: int) -> np.ndarray:
        """The samples of one clip."""
        begin = self.offsets[index]
        return self.samples[begin : begin + self.lengths[index]]

    def is_whole(self) -> bool:
        """Whether there are as many samples as the lengths say."""
        return len(self.samples) == self.lengths.sum()

    def windows(self, chosen, starts, num_samples: int) -> np.ndarray:
        """Windows out of clips, a row each, with zeros outside of its clip.

        Args:
            chosen: the clip of each window.
            starts: its first sample in the clip; may be negative.
            num_samples: of every window.

        Returns:
            int16, of shape (windows, samples).
        """
        begins = np.maximum(starts, 0)
        ends = np.minimum(starts + num_samples, self.lengths[chosen])
        counts = np.maximum(ends - begins, 0)
        rows = np.zeros((len(chosen), num_samples), np.int16)
        samples = self.samples.view(np.ndarray)  # a memory map slices slowly
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
    COLUMNS = ("offset", "length", "file", "start_s", "group")
    ABOUT = ("sample_rate_hz",)

    def _read(self, split: str, columns: dict, labels: dict) -> Clips:
        return Clips(
            samples=np.memmap(
                self.path / f"{split}.{self.SUFFIX}", "<i2", mode="r"
            ),
            offsets=np.array(columns["offset"], np.int64),
            lengths=np.array(columns["length"], np.int64),
            labels=labels,
            files=list(columns["file"]),
            starts_s=[float(start) for start in columns["start_s"]],
            groups=list(columns["group"]),
        )


class ClipStoreWriter(StoreWriter):
    """Writes a `ClipStore`."""

    STORE = ClipStore

    def __init__(self, *args):
        super().__init__(*args)
        self._offsets = {}

    def add(
        self,
        split: str,
        samples: np.ndarray,
        labels: dict[str, str],
        file: str = "",
        start_s: float = 0.0,
        group: str = "",
    ):
        """Appends a clip: int16 samples and a class name per labelled task."""
        samples = np.asarray(samples)
        if samples.dtype != np.int16 or samples.ndim != 1 or not samples.size:
            raise ValueError(
                "`samples` must be int16 of shape (samples,), not empty. "
                f"Received: {samples.dtype} of shape {samples.shape}"
            )
        offset = self._offsets.get(split, 0)
        row = [offset, len(samples), file, start_s, group]
        self._append(split, samples.astype("<i2").tobytes(), row, labels)
        self._offsets[split] = offset + len(samples)
