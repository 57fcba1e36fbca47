"""List own recordings, from a folder per class or from a CSV."""

from __future__ import annotations

import collections
import os
import pathlib
from collections.abc import Sequence

from audio_diffstride.audio import folders
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import label_table
from audio_diffstride.recordings.recording import (
    SPLIT_NAMES,
    Recording,
    check_name,
)

# The task of a folder per class. In a CSV each task is a column.
FOLDER_TASK = "label"


def read(
    path: str | os.PathLike[str], tasks: Sequence[str] = ()
) -> list[Recording]:
    """Lists the recordings of a folder or a CSV.

    A folder has one sub-folder per class, or train/, validation/ and test/
    with those sub-folders. A CSV has a column `path` (relative to the CSV) and
    a column per task. The columns `split`, `group`, `start_s` and `end_s` are
    optional.

    Args:
        path: the folder or the CSV.
        tasks: columns of the CSV to predict; empty is all task columns.

    Returns:
        The recordings, in the order of the rows or sorted by name.

    Raises:
        UserError: for input that is missing or invalid. It names the file and
            the row.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        recordings = _read_folder(path, tasks)
    elif path.is_file():
        recordings = label_table.read(path, tasks)
    elif path.exists():
        raise UserError(f"{path} is neither a folder nor a file; give a CSV")
    else:
        raise UserError(f"{path} does not exist; give a folder or a CSV")
    if not recordings:
        raise UserError(f"{path} lists no recordings; add a row for each")
    return recordings


def class_names(recordings: Sequence[Recording]) -> dict[str, list[str]]:
    """The classes of each task: numbers by value, other names by alphabet.

    Returns:
        {task: class names}.

    Raises:
        UserError: for a task with fewer than two classes.
    """
    classes: dict[str, set[str]] = {}
    for recording in recordings:
        for task, label in recording.labels.items():
            classes.setdefault(task, set()).add(label)
    for task, names in classes.items():
        if len(names) < 2:
            raise UserError(
                f"the task {task} has one class only ({names.pop()}), but must "
                "have two or more; add recordings of another class"
            )
    return {task: _sort_classes(names) for task, names in classes.items()}


def describe_unused_files(
    path: str | os.PathLike[str], recordings: Sequence[Recording]
) -> list[str]:
    """Describes the files in a folder that are not among its recordings.

    Hidden files and CSVs are ignored.

    Args:
        path: the folder. For a CSV nothing is described.
        recordings: from `read`.

    Returns:
        A line per suffix, with an example.
    """
    path = pathlib.Path(path)
    if not path.is_dir():
        return []
    used = {recording.path for recording in recordings}
    by_suffix = collections.defaultdict(list)
    for file in folders.list_files(path):
        hidden = file.name.startswith(".")
        if file not in used and not hidden and file.suffix != ".csv":
            by_suffix[file.suffix.lower()].append(file)
    return [
        f"{len(files)} files {suffix or 'without a suffix'}, such as {files[0]}"
        for suffix, files in by_suffix.items()
    ]


def _sort_classes(names: set[str]) -> list[str]:
    if all(name.isdecimal() for name in names):
        return sorted(names, key=int)
    return sorted(names)


def _read_folder(folder: pathlib.Path, tasks: Sequence[str]) -> list[Recording]:
    if tasks and tuple(tasks) != (FOLDER_TASK,):
        raise UserError(
            f"{folder} is a folder per class with one task, {FOLDER_TASK!r}; "
            "data.tasks names columns of a CSV, so leave it empty"
        )
    children = sorted(child for child in folder.iterdir() if child.is_dir())
    split_of = dict.fromkeys(children, "")
    if children and all(child.name in SPLIT_NAMES for child in children):
        split_of = {
            grandchild: SPLIT_NAMES[child.name]
            for child in children
            for grandchild in sorted(child.iterdir())
            if grandchild.is_dir()
        }
    recordings = [
        Recording(file, {FOLDER_TASK: label}, split)
        for class_folder, split in split_of.items()
        for label in [check_name(str(class_folder), class_folder.name)]
        for file in folders.list_recordings(class_folder)
    ]
    if not recordings:
        tables = sorted(folder.glob("*.csv"))
        hint = f"did you mean {tables[0]}?" if tables else "give another folder"
        raise UserError(
            f"{folder} has no sub-folders with audio files "
            f"({', '.join(folders.AUDIO_SUFFIXES)}); {hint}"
        )
    return recordings
