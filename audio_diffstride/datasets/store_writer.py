"""Write the store of a prepared data set; see `store_files`."""

from __future__ import annotations

import contextlib
import csv
import os
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from audio_diffstride.datasets import kinds as kinds_of_tasks
from audio_diffstride.datasets.kinds import Kind, Label
from audio_diffstride.datasets.store_files import (
    FORMAT,
    FORMAT_OF_SEVERAL_LABELS,
    Store,
)
from audio_diffstride.files import atomic


class StoreWriter:
    """Writes a store: `with ClipStoreWriter.open(...) as writer`.

    A subclass sets `STORE`, the class that it writes, and adds examples with
    `_append`.

    Attributes:
        num_examples: {split: number of examples so far}.
        sources: of the store, see `Store`; empty until it is set.
    """

    STORE: type[Store]

    def __init__(
        self,
        folder: pathlib.Path,
        tasks: Mapping[str, Sequence[str]],
        kinds: Mapping[str, Kind],
        attributes: Mapping[str, Any],
        exit_stack: contextlib.ExitStack,
    ):
        self._folder = folder
        self._tasks = tasks
        self._kinds = kinds
        self._attributes = attributes
        self._exit_stack = exit_stack
        self._files: dict[str, tuple[Any, Any]] = {}  # (data, rows) of a split
        self.num_examples: dict[str, int] = {}
        self.sources: dict[str, Any] = {}

    @classmethod
    @contextlib.contextmanager
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        name: str,
        tasks: Mapping[str, Sequence[str]],
        fingerprint: str,
        split_name: str,
        kinds: Mapping[str, Kind] | None = None,
        **attributes: Any,
    ) -> Iterator[Self]:
        """Opens a writer. The store appears when the block ends without error.

        Args:
            path: of the store.
            name: of the data set.
            tasks: {task: class names}.
            fingerprint: hash of everything that the content depends on.
            split_name: of the rule that makes the splits.
            kinds: {task: its kind}; None is one label for all.
            **attributes: those of this kind of store only, such as the
                `sample_rate_hz` of clips.

        Yields:
            The writer.
        """
        if {*attributes} != {*cls.STORE.ATTRIBUTES}:
            raise TypeError(
                f"a store of {cls.STORE.HOLDS} has the attributes "
                f"{(*cls.STORE.ATTRIBUTES,)}. Received: {(*attributes,)}"
            )
        kinds = kinds or kinds_of_tasks.from_json(tasks, {})
        several = kinds_of_tasks.to_json(kinds)
        with atomic.atomic_folder(path) as folder:
            with contextlib.ExitStack() as exit_stack:
                writer = cls(folder, tasks, kinds, attributes, exit_stack)
                yield writer
            content = {
                "format": FORMAT_OF_SEVERAL_LABELS if several else FORMAT,
                "holds": cls.STORE.HOLDS,
                "name": name,
                "tasks": {task: list(names) for task, names in tasks.items()},
                **attributes,
                "num_clips": writer.num_examples,
                "fingerprint": fingerprint,
                "split_name": split_name,
            }
            if several:
                content["kinds"] = several
            if writer.sources:
                content["sources"] = writer.sources
            atomic.write_json(folder / "store.json", content)

    def _append(
        self,
        split: str,
        content: bytes | memoryview,
        row: Sequence[object],
        labels: Mapping[str, Label],
    ) -> None:
        """Appends an example: its bytes, its columns, its labels."""
        if split not in self._files:
            self._open_split(split)
        data, rows = self._files[split]
        data.write(content)
        cells = [
            self._kinds[task].write(labels.get(task, ""), classes)
            for task, classes in self._tasks.items()
        ]
        rows.writerow([*row, *cells])
        self.num_examples[split] += 1

    def _open_split(self, split: str) -> None:
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
        self.num_examples[split] = 0
