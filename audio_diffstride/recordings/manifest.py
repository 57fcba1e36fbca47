"""What recordings there are: from a folder per class, or from a CSV."""

from __future__ import annotations

import collections
import pathlib

from audio_diffstride.audio.decoding import (
    AUDIO_SUFFIXES,
    files_below,
    recordings_below,
)
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import label_table
from audio_diffstride.recordings.recording import (
    SPLIT_NAMES,
    Recording,
    checked_name,
)

# What a folder per class predicts; a CSV names its tasks by its columns.
FOLDER_TASK = "label"


def read(path, tasks: tuple[str, ...] = ()) -> list[Recording]:
    """The recordings of a folder or a CSV.

    A folder has one sub-folder per class, or train/, validation/ and test/
    with those in them. A CSV has a column `path` (relative to the CSV) and a
    column per task; `split`, `group`, `start_s` and `end_s` are optional.

    Args:
        path: the folder or the CSV.
        tasks: the CSV's columns to predict; none is every column that is not
            one of the above.

    Returns:
        The recordings, in the order of the rows or of their names.

    Raises:
        UserError: for what is missing or cannot be understood, naming the
            file and the row.
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
        raise UserError(f"{path} lists no recordings")
    return recordings


def class_names(recordings: list[Recording]) -> dict[str, list[str]]:
    """{task: classes}, numbers in their order and names in theirs.

    Raises:
        UserError: for a task with fewer than two classes.
    """
    classes: dict[str, set] = {}
    for recording in recordings:
        for task, label in recording.labels.items():
            classes.setdefault(task, set()).add(label)
    for task, names in classes.items():
        if len(names) < 2:
            raise UserError(
                f"the task {task} has one class only ({names.pop()}); "
                "there is nothing to tell apart"
            )
    return {task: _in_order(names) for task, names in classes.items()}


def left_out(path, recordings: list[Recording]) -> list[str]:
    """What lies in a folder and is not among its recordings, by kind.

    Returns:
        A line per suffix with an example; none for a CSV. Hidden files and
        tables are not missed.
    """
    path = pathlib.Path(path)
    if not path.is_dir():
        return []
    used = {recording.path for recording in recordings}
    by_suffix = collections.defaultdict(list)
    for file in files_below(path):
        hidden = file.name.startswith(".")
        if file not in used and not hidden and file.suffix != ".csv":
            by_suffix[file.suffix.lower()].append(file)
    return [
        f"{len(files)} files {suffix or 'without a suffix'}, such as {files[0]}"
        for suffix, files in by_suffix.items()
    ]


def _in_order(names: set[str]) -> list[str]:
    if all(name.isdecimal() for name in names):
        return sorted(names, key=int)
    return sorted(names)


def _read_folder(folder: pathlib.Path, tasks) -> list[Recording]:
    if tasks and tuple(tasks) != (FOLDER_TASK,):
        raise UserError(
            f"{folder} is a folder per class, whose one task is "
            f"{FOLDER_TASK!r}; data.tasks names columns of a CSV"
        )
    children = sorted(child for child in folder.iterdir() if child.is_dir())
    split_of = {child: "" for child in children}
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
        for label in [checked_name(str(class_folder), class_folder.name)]
        for file in recordings_below(class_folder)
    ]
    if not recordings:
        tables = sorted(folder.glob("*.csv"))
        hint = f"; did you mean {tables[0]}?" if tables else ""
        raise UserError(
            f"{folder} has no sub-folders with audio files "
            f"({', '.join(AUDIO_SUFFIXES)}){hint}"
        )
    return recordings
