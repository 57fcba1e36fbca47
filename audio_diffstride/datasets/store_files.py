"""What every prepared data set on disk has, whatever its examples are.

A store is a folder:

    store.json      what it holds: tasks and classes, splits, fingerprint
    <split>.<kind>  all examples of a split, one after the other
    <split>.csv     one row per example: where it came from, and a class per
                    task (empty where it has no label)

It is memory-mapped, so random examples cost no decoding, and it is written
under another name and renamed, so a half-written store is never mistaken for a
whole one. The kinds are `clips` and `images`; `opening` opens either.
"""

from __future__ import annotations

import abc
import contextlib
import copy
import csv
import json
import pathlib

import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic

FORMAT = 1
SPLITS = ("train", "validation", "test")
NO_LABEL = -1


def store_path(store_dir, name: str, fingerprint: str) -> pathlib.Path:
    """Where the store of that content lies among the others."""
    folder = pathlib.Path(store_dir).expanduser()
    return folder / f"{name}-{fingerprint[:12]}"


def read_content(path) -> dict:
    """The content of a store's store.json.

    Raises:
        UserError: if there is no whole store of this format.
    """
    try:
        text = (pathlib.Path(path) / "store.json").read_text("utf-8")
        content = json.loads(text)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is not a clip store: {error}") from error
    if content.get("format") != FORMAT:
        raise UserError(
            f"{path} is a clip store of format {content.get('format')}, "
            f"not {FORMAT}; delete it and prepare the data again"
        )
    return content


class Store(abc.ABC):
    """A prepared data set on disk; base of the kinds.

    A subclass says in `HOLDS` what its examples are, in `SUFFIX` how the file
    of a split ends, in `COLUMNS` what a row of its table begins with, in
    `ABOUT` which further attributes store.json has, and how a split is read.

    Args:
        path: the store's folder.

    Attributes:
        tasks: {task: class names}.
        num_clips: {split: number of examples}.
        fingerprint: of everything that went into the store.
        name: of the data set.
        split_name: of the rule that made the splits.

    Raises:
        UserError: if there is no whole store of this format and kind.
    """

    HOLDS = ""
    SUFFIX = ""
    COLUMNS: tuple[str, ...] = ()
    ABOUT: tuple[str, ...] = ()

    def __init__(self, path):
        self.path = pathlib.Path(path)
        content = read_content(path)
        if holds(content) != self.HOLDS:
            raise UserError(
                f"{path} holds {holds(content)}, where {self.HOLDS} are "
                "wanted; give another store"
            )
        self.tasks = content["tasks"]
        self.num_clips = content["num_clips"]
        self.fingerprint = content["fingerprint"]
        self.name = content["name"]
        self.split_name = content["split_name"]
        for attribute in self.ABOUT:
            setattr(self, attribute, content[attribute])

    def only(self, tasks) -> Store:
        """The same store with the labels of some tasks."""
        other = copy.copy(self)
        other.tasks = {t: c for t, c in self.tasks.items() if t in tasks}
        return other

    def clips(self, split: str):
        """The examples of a split.

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
            clips = self._read(split, *self._read_table(split))
        except (OSError, ValueError, KeyError, StopIteration) as error:
            raise self._damaged(split, repr(error)) from error
        if len(clips) != self.num_clips[split] or not clips.is_whole():
            raise self._damaged(split, "not as long as it was written")
        return clips

    @abc.abstractmethod
    def _read(self, split: str, columns: dict, labels: dict):
        """The examples of a split, from what `_read_table` gives."""

    def _read_table(self, split: str) -> tuple[dict, dict]:
        """The columns of a split's table, and {task: class indices}."""
        with open(
            self.path / f"{split}.csv", newline="", encoding="utf-8"
        ) as file:
            header, *rows = csv.reader(file)
        # By their places: a task may be called `length` as well.
        values, ours = list(zip(*rows)), len(self.COLUMNS)
        columns = dict(zip(self.COLUMNS, values))
        labels = dict(zip(header[ours:], values[ours:]))
        indices = {
            task: {name: index for index, name in enumerate(classes)}
            | {"": NO_LABEL}
            for task, classes in self.tasks.items()
        }
        return columns, {
            task: np.array([index[name] for name in labels[task]], np.int32)
            for task, index in indices.items()
        }

    def _damaged(self, split: str, reason) -> UserError:
        return UserError(
            f"the {split} split of the {self.HOLDS[:-1]} store {self.path} is "
            f"damaged ({reason}); delete that folder and prepare the data again"
        )


def holds(content: dict) -> str:
    """What a store's examples are: "clips" or "images"."""
    return content.get("holds", "clips")


class StoreWriter:
    """Writes a store; use as `with ClipStoreWriter.open(...) as writer`.

    A subclass says in `STORE` the class it writes for, and adds examples by
    `_append`.
    """

    STORE = Store

    def __init__(self, folder, tasks, about: dict, exit_stack):
        self._folder = folder
        self._tasks = tasks
        self._about = about
        self._exit_stack = exit_stack
        self._files = {}
        self.num_clips = {}

    @classmethod
    @contextlib.contextmanager
    def open(
        cls,
        path,
        *,
        name: str,
        tasks: dict[str, list[str]],
        fingerprint: str,
        split_name: str,
        **about,
    ):
        """Yields a writer; the store is there once the block has ended well.

        Args:
            path: where the store will be.
            name: of the data set.
            tasks: {task: class names}.
            fingerprint: of everything that goes into the store.
            split_name: of the rule that made the splits.
            **about: the attributes that only this kind of store has, such as
                the `sample_rate_hz` of clips.
        """
        if {*about} != {*cls.STORE.ABOUT}:
            raise TypeError(
                f"a store of {cls.STORE.HOLDS} has the attributes "
                f"{cls.STORE.ABOUT}. Received: {(*about,)}"
            )
        with atomic.atomic_path(path) as folder:
            folder.mkdir()
            with contextlib.ExitStack() as exit_stack:
                writer = cls(folder, tasks, about, exit_stack)
                yield writer
            content = {
                "format": FORMAT,
                "holds": cls.STORE.HOLDS,
                "name": name,
                "tasks": {task: list(names) for task, names in tasks.items()},
                **about,
                "num_clips": writer.num_clips,
                "fingerprint": fingerprint,
                "split_name": split_name,
            }
            atomic.write_json(folder / "store.json", content)

    def _append(self, split: str, content: bytes, row: list, labels: dict):
        """Appends an example: its bytes, its columns, its classes."""
        if split not in self._files:
            self._open_split(split)
        data, rows = self._files[split]
        data.write(content)
        rows.writerow([*row, *(labels.get(task, "") for task in self._tasks)])
        self.num_clips[split] += 1

    def _open_split(self, split: str):
        data = self._exit_stack.enter_context(
            open(self._folder / f"{split}.{self.STORE.SUFFIX}", "wb")
        )
        table = self._exit_stack.enter_context(
            open(
                self._folder / f"{split}.csv", "w", newline="", encoding="utf-8"
            )
        )
        rows = csv.writer(table)
        rows.writerow([*self.STORE.COLUMNS, *self._tasks])
        self._files[split] = (data, rows)
        self.num_clips[split] = 0
