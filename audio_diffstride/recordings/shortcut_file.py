"""The examination of own recordings for shortcuts, kept beside their store."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
from collections.abc import Sequence
from typing import Any

from audio_diffstride.datasets.kinds import present
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, json_files
from audio_diffstride.recordings.recording import Recording
from audio_diffstride.shortcuts import examination, traits
from audio_diffstride.shortcuts.examination import Examination
from audio_diffstride.shortcuts.examples import Example

NAME = "shortcuts.json"


def examine(
    recordings: Sequence[Recording], sample_rate_hz: int
) -> dict[str, Examination | None]:
    """Examines every task of the recordings to train on.

    A clean test set does not hide what the network learns from the others. Of
    a task with several labels, recordings with a single one are compared.

    Args:
        recordings: with labels, groups and splits.
        sample_rate_hz: of the network.

    Returns:
        {task: its examination, or None if there are too few recordings}.
    """
    train = [r for r in recordings if r.split == "train"]
    measure = functools.cache(traits.measure)  # once for all tasks
    tasks = sorted({task for r in train for task in r.labels})
    return {
        task: examination.examine(
            [
                Example(r.path, names[0], r.group, r.start_s, r.end_s)
                for r in train
                if task in r.labels
                and len(names := present(r.labels[task])) == 1
            ],
            sample_rate_hz / 2,
            measure,
        )
        for task in tasks
    }


def ensure(
    store_path: str | os.PathLike[str],
    recordings: Sequence[Recording],
    sample_rate_hz: int,
) -> None:
    """Examines the recordings of a store, unless this was done before."""
    if (pathlib.Path(store_path) / NAME).exists():
        return
    with contextlib.suppress(OSError):  # a store that may only be read
        write(store_path, examine(recordings, sample_rate_hz))


def write(
    store_path: str | os.PathLike[str],
    examinations: dict[str, Examination | None],
) -> None:
    """Keeps examinations in the folder of a store."""
    content = _adapter().dump_python(examinations)
    atomic.write_json(pathlib.Path(store_path) / NAME, content)


def read(
    store_path: str | os.PathLike[str],
) -> dict[str, Examination | None] | None:
    """Reads the examinations of a store; None if it has none.

    Raises:
        UserError: if the file is damaged.
    """
    path = pathlib.Path(store_path) / NAME
    remedy = "delete it, and training makes it again"
    try:
        content = json_files.load(path, remedy)
    except FileNotFoundError:
        return None
    try:
        return _adapter().validate_python(content)
    except ValueError as error:
        raise UserError(f"{path} is damaged; {remedy}") from error


def _adapter() -> Any:
    import pydantic  # takes a tenth of a second

    return pydantic.TypeAdapter(dict[str, Examination | None])
