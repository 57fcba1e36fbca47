"""The files that every prepared data set has, whatever its examples are.

A store is a folder:

    store.json      tasks and classes, number of examples, fingerprint
    <split>.<kind>  all examples of a split, one after the other
    <split>.csv     one row per example: its source, and a class per task
                    (empty without a label). A task with several labels has a
                    mark for each class: 1 there, 0 not there, ? unknown

The examples are memory-mapped, so that random access needs no decoding. The
table of a split is read as a whole, into arrays of numbers and of text. A
store is written under another name and then renamed, so that a half-written
store never looks complete. The kinds are `clips` and `images`. `opening` opens
a store of any kind, `store_writer` writes one.
"""

from __future__ import annotations

import abc
import copy
import csv
import itertools
import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from audio_diffstride.datasets import kinds
from audio_diffstride.errors import UserError
from audio_diffstride.files import json_files

# Of what is written. A store with a task of several labels is of format 2, and
# any other one of format 1, which earlier versions read.
FORMAT = 1
FORMAT_OF_SEVERAL_LABELS = 2
SPLITS = ("train", "validation", "test")
STORE_DIR = "~/.cache/audio_diffstride"
# Text of any length, in a few bytes more than its own.
TEXT = np.dtypes.StringDType()
_ROWS_AT_ONCE = 10_000
_REMEDY = "delete that folder and prepare the data again"
_SHAPE = {
    "name": str,
    "tasks": {str: [str]},
    "num_clips": {str: range(1 << 62)},
    "fingerprint": str,
    "split_name": str,
}
_OPTIONAL = {"holds": str, "kinds": {str: str}, "sources": dict}


def store_path(
    store_dir: str | os.PathLike[str], name: str, fingerprint: str
) -> pathlib.Path:
    """The path of a store among all stores."""
    folder = pathlib.Path(store_dir).expanduser()
    return folder / f"{name}-{fingerprint[:12]}"


def read_content(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads the store.json of a store.

    Raises:
        UserError: if there is no complete store of this format.
    """
    file = pathlib.Path(path) / "store.json"
    try:
        content = json_files.read(file, {"format": int}, _REMEDY)
    except FileNotFoundError as error:
        raise UserError(
            f"{path} is not a clip store: it has no store.json"
        ) from error
    if content["format"] not in (FORMAT, FORMAT_OF_SEVERAL_LABELS):
        raise UserError(
            f"{path} is a clip store of format {content['format']}, not "
            f"{FORMAT} or {FORMAT_OF_SEVERAL_LABELS}; {_REMEDY}"
        )
    optional = {name: _OPTIONAL[name] for name in _OPTIONAL if name in content}
    if wrong := json_files.mismatch(content, _SHAPE | optional):
        raise UserError(f"{file} is damaged: {wrong}; {_REMEDY}")
    return content


def kind_of(content: dict[str, Any]) -> str:
    """The kind of a store: "clips" or "images".

    Args:
        content: of store.json. Without a kind it is from before images, and is
            of clips.
    """
    return content.get("holds", "clips")


class Store(abc.ABC):
    """A prepared data set on disk; base class of all kinds.

    A subclass sets four class attributes: `HOLDS`, the kind of its examples;
    `SUFFIX`, of the file with them; `COLUMNS`, {column of the table: its type};
    `ATTRIBUTES`, keys of store.json that only this kind has, with their shapes
    (`json_files`).

    Args:
        path: the store's folder.

    Attributes:
        path: the store's folder.
        tasks: {task: class names}.
        kinds: {task: its kind}; see `kinds`.
        num_examples: {split: number of examples}.
        fingerprint: hash of everything that the content depends on.
        name: of the data set.
        split_name: of the rule that made the splits.
        sources: of own recordings: "left_out", the "file" and the "reason" of
            each that cannot be used, and "sample_rates_hz", {rate as text:
            number of files}. Empty for other data and for older stores.

    Raises:
        UserError: if there is no complete store of this format and kind.
    """

    HOLDS = ""
    SUFFIX = ""
    COLUMNS: Mapping[str, Any] = {}
    ATTRIBUTES: Mapping[str, Any] = {}

    def __init__(self, path: str | os.PathLike[str]):
        self.path = pathlib.Path(path)
        content = read_content(path)
        if kind_of(content) != self.HOLDS:
            raise UserError(
                f"{path} holds {kind_of(content)}, where {self.HOLDS} are "
                "needed; give another store"
            )
        self.tasks: dict[str, list[str]] = content["tasks"]
        try:
            self.kinds = kinds.from_json(self.tasks, content.get("kinds", {}))
        except KeyError as error:
            raise UserError(
                f"{path} has a task of the kind {error}, which this version "
                "does not know; delete it and prepare the data again"
            ) from error
        self.num_examples: dict[str, int] = content["num_clips"]
        self.fingerprint: str = content["fingerprint"]
        self.name: str = content["name"]
        self.split_name: str = content["split_name"]
        self.sources: dict[str, Any] = content.get("sources", {})
        if wrong := json_files.mismatch(content, self.ATTRIBUTES):
            raise UserError(
                f"{self.path / 'store.json'} is damaged: {wrong}; {_REMEDY}"
            )
        for name in self.ATTRIBUTES:
            setattr(self, name, content[name])

    def only(self, tasks: Iterable[str]) -> Store:
        """The same store with the labels of some tasks only."""
        wanted = set(tasks)
        other = copy.copy(self)
        other.tasks = {t: c for t, c in self.tasks.items() if t in wanted}
        other.kinds = {task: self.kinds[task] for task in other.tasks}
        return other

    def examples(self, split: str) -> Any:
        """The examples of a split: `Clips` or `Images`.

        Raises:
            UserError: if the split has no examples, or is damaged.
        """
        if not self.num_examples.get(split):
            available = [name for name, n in self.num_examples.items() if n]
            raise UserError(
                f"the data set {self.name} has no {split} split; it has "
                f"{', '.join(available)}"
            )
        try:
            examples = self._read(split, *self._read_table(split))
        except (
            ArithmeticError,  # a number that is too large
            KeyError,
            OSError,
            ValueError,
            csv.Error,
        ) as error:
            raise self._damaged(split, repr(error)) from error
        if (
            len(examples) != self.num_examples[split]
            or not examples.is_complete()
        ):
            raise self._damaged(split, "its length is not as written")
        return examples

    @abc.abstractmethod
    def _read(
        self,
        split: str,
        columns: dict[str, np.ndarray],
        labels: dict[str, np.ndarray],
    ) -> Any:
        """The examples of a split, from what `_read_table` returns."""

    def _read_table(
        self, split: str
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """The columns of a split's table, and {task: labels}.

        Some rows at a time are text, so that memory holds little more than the
        arrays.
        """
        num, num_columns = self.num_examples[split], len(self.COLUMNS)
        path = self.path / f"{split}.csv"
        if num > path.stat().st_size:  # no arrays of a size that a file claims
            raise ValueError(f"it has no {num} rows")
        columns = {c: np.empty(num, kind) for c, kind in self.COLUMNS.items()}
        labels: dict[str, np.ndarray] = {}
        begin = 0
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            while some := [*itertools.islice(rows, _ROWS_AT_ONCE)]:
                there = slice(begin, begin + len(some))
                begin = there.stop
                if any(len(row) != len(header) for row in some):
                    raise ValueError(
                        "a row is longer or shorter than the header"
                    )
                values = [*zip(*some)]
                # By position: a task may be called `length` too.
                for array, cells in zip(columns.values(), values):
                    array[there] = np.array(cells, array.dtype)
                of_task = dict(zip(header[num_columns:], values[num_columns:]))
                for task, classes in self.tasks.items():
                    read = self.kinds[task].read(of_task[task], classes)
                    if task not in labels:
                        shape = (num, *read.shape[1:])
                        labels[task] = np.empty(shape, read.dtype)
                    labels[task][there] = read
        if begin != num:
            raise ValueError(f"{begin} rows, not {num}")
        return columns, labels

    def _damaged(self, split: str, reason: str) -> UserError:
        return UserError(
            f"the {split} split of the {self.HOLDS[:-1]} store {self.path} is "
            f"damaged ({reason}); {_REMEDY}"
        )
