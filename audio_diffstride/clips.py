"""The clip store: every data set as 16-bit samples in one file per split.

A store is a folder:

    store.json      what it holds: tasks and classes, splits, fingerprint
    <split>.pcm     all clips of a split, one after the other: little-endian
                    16-bit mono samples at one sample rate
    <split>.csv     one row per clip: offset and length in samples, file and
                    start it came from, group, and a class per task (empty
                    where the clip has no label)

It is memory-mapped, so random one-second windows cost no decoding, and it is
written under another name and renamed, so a half-written store is never
mistaken for a whole one.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import dataclasses
import json
import pathlib

import numpy as np

from audio_diffstride import atomic
from audio_diffstride.errors import UserError

FORMAT = 1
SPLITS = ("train", "validation", "test")
NO_LABEL = -1
_COLUMNS = ("offset", "length", "file", "start_s", "group")


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


def store_path(store_dir, name: str, fingerprint: str) -> pathlib.Path:
    """Where the store of that content lies among the others."""
    folder = pathlib.Path(store_dir).expanduser()
    return folder / f"{name}-{fingerprint[:12]}"


class ClipStore:
    """A prepared data set on disk.

    Args:
        path: the store's folder.

    Attributes:
        tasks: {task: class names}.
        sample_rate_hz: of all samples.
        num_clips: {split: number of clips}.
        fingerprint: of everything that went into the store.
        name: of the data set.
        split_name: of the rule that made the splits.

    Raises:
        UserError: if there is no whole store of this format.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            content = json.loads((self.path / "store.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"{path} is not a clip store: {error}") from error
        if content.get("format") != FORMAT:
            raise UserError(
                f"{path} is a clip store of format {content.get('format')}, "
                f"not {FORMAT}; delete it and prepare the data again"
            )
        self.tasks = content["tasks"]
        self.sample_rate_hz = content["sample_rate_hz"]
        self.num_clips = content["num_clips"]
        self.fingerprint = content["fingerprint"]
        self.name = content["name"]
        self.split_name = content["split_name"]

    def only(self, tasks) -> ClipStore:
        """The same store with the labels of some tasks."""
        other = copy.copy(self)
        other.tasks = {t: c for t, c in self.tasks.items() if t in tasks}
        return other

    def clips(self, split: str) -> Clips:
        """The clips of a split.

        Raises:
            UserError: if there is none, or it is not what was written.
        """
        if not self.num_clips.get(split):
            there = [name for name, clips in self.num_clips.items() if clips]
            raise UserError(
                f"the data set {self.name} has no {split} split; it has "
                f"{', '.join(there)}"
            )
        try:
            clips = self._read(split)
        except (OSError, ValueError, KeyError, StopIteration) as error:
            raise self._damaged(split, repr(error)) from error
        shape = (self.num_clips[split], clips.lengths.sum())
        if shape != (len(clips), len(clips.samples)):
            raise self._damaged(split, "not as long as it was written")
        return clips

    def _read(self, split: str) -> Clips:
        with open(
            self.path / f"{split}.csv", newline="", encoding="utf-8"
        ) as file:
            header, *rows = csv.reader(file)
        # By their places: a task may be called `length` as well.
        values, ours = list(zip(*rows)), len(_COLUMNS)
        columns = dict(zip(_COLUMNS, values))
        labels = dict(zip(header[ours:], values[ours:]))
        indices = {
            task: {name: index for index, name in enumerate(classes)}
            | {"": NO_LABEL}
            for task, classes in self.tasks.items()
        }
        return Clips(
            samples=np.memmap(self.path / f"{split}.pcm", "<i2", mode="r"),
            offsets=np.array(columns["offset"], np.int64),
            lengths=np.array(columns["length"], np.int64),
            labels={
                task: np.array([index[name] for name in labels[task]], np.int32)
                for task, index in indices.items()
            },
            files=list(columns["file"]),
            starts_s=[float(start) for start in columns["start_s"]],
            groups=list(columns["group"]),
        )

    def _damaged(self, split: str, reason) -> UserError:
        return UserError(
            f"the {split} split of the clip store {self.path} is damaged "
            f"({reason}); delete that folder and prepare the data again"
        )


class ClipStoreWriter:
    """Writes a store; use as `with ClipStoreWriter.open(...) as writer`."""

    def __init__(self, folder, tasks, exit_stack):
        self._folder = folder
        self._tasks = tasks
        self._exit_stack = exit_stack
        self._files = {}
        self._offsets = {}
        self.num_clips = {}

    @classmethod
    @contextlib.contextmanager
    def open(
        cls,
        path,
        *,
        name: str,
        tasks: dict[str, list[str]],
        sample_rate_hz: int,
        fingerprint: str,
        split_name: str,
    ):
        """Yields a writer; the store is there once the block has ended well.

        Args:
            path: where the store will be.
            name: of the data set.
            tasks: {task: class names}.
            sample_rate_hz: of all samples.
            fingerprint: of everything that goes into the store.
            split_name: of the rule that made the splits.
        """
        with atomic.atomic_path(path) as folder:
            folder.mkdir()
            with contextlib.ExitStack() as exit_stack:
                writer = cls(folder, tasks, exit_stack)
                yield writer
            content = {
                "format": FORMAT,
                "name": name,
                "tasks": {task: list(names) for task, names in tasks.items()},
                "sample_rate_hz": sample_rate_hz,
                "num_clips": writer.num_clips,
                "fingerprint": fingerprint,
                "split_name": split_name,
            }
            atomic.write_json(folder / "store.json", content)

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
        if split not in self._files:
            self._open_split(split)
        pcm, rows = self._files[split]
        offset = self._offsets[split]
        pcm.write(samples.astype("<i2").tobytes())
        classes = [labels.get(task, "") for task in self._tasks]
        rows.writerow([offset, len(samples), file, start_s, group, *classes])
        self._offsets[split] += len(samples)
        self.num_clips[split] += 1

    def _open_split(self, split: str):
        pcm = self._exit_stack.enter_context(
            open(self._folder / f"{split}.pcm", "wb")
        )
        table = self._exit_stack.enter_context(
            open(
                self._folder / f"{split}.csv", "w", newline="", encoding="utf-8"
            )
        )
        rows = csv.writer(table)
        rows.writerow([*_COLUMNS, *self._tasks])
        self._files[split] = (pcm, rows)
        self._offsets[split] = 0
        self.num_clips[split] = 0
