"""List own recordings from a folder with a sub-folder per class.

The name of a sub-folder is a class. Where one joins several by commas, as in
BirdNET, the task has several labels.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from audio_diffstride.audio import folders
from audio_diffstride.datasets.kinds import Label, Labels
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import layouts
from audio_diffstride.recordings.recording import (
    SPLIT_NAMES,
    Recording,
    check_name,
)

# The task of a folder per class. In a CSV each task is a column.
FOLDER_TASK = "label"
_JOIN = ","  # between the classes in the name of a sub-folder


def read(
    folder: pathlib.Path,
    tasks: Sequence[str],
    column_map: Mapping[str, str],
    note: Callable[[str], object],
) -> list[Recording]:
    """Lists the recordings of a folder; for the arguments: `manifest.read`.

    Raises:
        UserError: for a folder without recordings, or settings of a CSV.
    """
    known_table = layouts.table_in(folder)
    if known_table:
        raise UserError(
            f"{folder} is a data set with its own table; give {known_table}"
        )
    if column_map:
        raise UserError(
            f"{folder} is a folder per class; data.columns names columns of a "
            "CSV, so leave it empty"
        )
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
    names = {path: check_name(str(path), path.name) for path in split_of}
    files = {path: folders.list_recordings(path) for path in split_of}
    if not any(files.values()):
        _refuse(folder)
    labels = _label(folder, {p: names[p] for p in names if files[p]}, note)
    return [
        Recording(file, {FOLDER_TASK: label}, split_of[path])
        for path, label in labels.items()
        for file in files[path]
    ]


def _label(
    folder: pathlib.Path,
    names: Mapping[pathlib.Path, str],
    note: Callable[[str], object],
) -> dict[pathlib.Path, Label]:
    """The class of each sub-folder; several if a name has a comma."""
    joined = [path for path, name in names.items() if _JOIN in name]
    if not joined:
        return {**names}
    note(
        f"{folder}: {FOLDER_TASK} has several labels, because the name of the "
        f"folder {joined[0].name} has a comma"
    )
    labels: dict[pathlib.Path, Label] = {}
    for path, name in names.items():
        classes = tuple(part.strip() for part in name.split(_JOIN))
        if "" in classes or len({*classes}) < len(classes):
            raise UserError(
                f"{path}: a name joins different classes by commas, like "
                "robin,wren; rename the folder"
            )
        labels[path] = Labels(classes)
    return labels


def _refuse(folder: pathlib.Path) -> NoReturn:
    """Says why a folder gives no recordings, and what to do."""
    tables = sorted(folder.glob("*.csv"))
    loose = folders.list_recordings(folder)
    stems = tuple(f"{file.stem}." for file in loose)
    texts = sorted(folder.glob("*.txt"))
    annotations = [file for file in texts if file.name.startswith(stems)]
    if tables:
        hint = f"did you mean {tables[0]}?"
    elif annotations:
        hint = (
            f"if {annotations[0]} is of Raven or Audacity, set "
            "data.annotations to intervals"
        )
    elif loose:
        hint = (
            f"{len(loose)} audio files lie in it, such as {loose[0]}: move "
            "those of each class to a sub-folder with its name, or list them "
            "in a CSV with a column path and a column per task"
        )
    else:
        left_out = folders.describe_left_out(folders.list_files(folder))
        hint = "; ".join(left_out) or "give another folder"
    raise UserError(
        f"{folder} has no sub-folders with audio files "
        f"({', '.join(folders.recording_suffixes())}); {hint}"
    )
