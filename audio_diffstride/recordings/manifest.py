"""List own recordings, from a folder per class or from a CSV."""

from __future__ import annotations

import os
import pathlib
import shlex
from collections.abc import Callable, Sequence

from audio_diffstride.audio import folders
from audio_diffstride.datasets.kinds import (
    ONE_LABEL,
    SEVERAL_LABELS,
    Kind,
    Labels,
    present,
)
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import (
    annotation_files,
    class_folders,
    intervals,
    label_table,
)
from audio_diffstride.recordings import columns as columns_of_table
from audio_diffstride.recordings.label_rule import LabelRule
from audio_diffstride.recordings.recording import Recording


def read(
    path: str | os.PathLike[str],
    tasks: Sequence[str] = (),
    columns: str = "",
    note: Callable[[str], object] = lambda line: None,
    rule: LabelRule = LabelRule(),
) -> list[Recording]:
    """Lists the recordings of a folder or a CSV.

    A folder has one sub-folder per class, or train/, validation/ and test/
    with those sub-folders. The name of a sub-folder may be several classes,
    joined by commas. A CSV has a column `path` (relative to the CSV) and
    a column per task. The columns `split`, `group`, `start_s` and `end_s` are
    optional. A CSV of `layouts` is read as it comes.

    With `rule.windows` they are annotations; see `annotation_files`. A
    recording of the result is a window then.

    Args:
        path: the folder or the CSV.
        tasks: columns of the CSV to predict; empty is all that look like tasks.
        columns: how the CSV names these columns, as `data.columns`.
        note: called with each line that the user should read.
        rule: how the labels are read.

    Returns:
        The recordings, in the order of the rows or sorted by name.

    Raises:
        UserError: for input that is missing or invalid. It names the file and
            the row.
    """
    path = pathlib.Path(path)
    column_map = columns_of_table.parse_map(columns)
    if not path.exists():
        raise UserError(f"{path} does not exist; give a folder or a CSV")
    if not path.is_dir() and not path.is_file():
        raise UserError(f"{path} is neither a folder nor a file; give a CSV")
    if path.is_file():
        _refuse_other_files(path)
    if rule.windows:
        recordings = intervals.cut(
            annotation_files.read(path, tasks, column_map, note), rule.windows
        )
    elif path.is_dir():
        recordings = class_folders.read(path, tasks, column_map, note)
    else:
        recordings = label_table.read(path, tasks, column_map, note)
    if not recordings:
        raise UserError(f"{path} lists no recordings; add a row for each")
    return rule.mark_background(recordings)


def class_names(recordings: Sequence[Recording]) -> dict[str, list[str]]:
    """The classes of each task: numbers by value, other names by alphabet.

    Returns:
        {task: class names}.

    Raises:
        UserError: for a task with too few classes: two, or one where a
            recording may have several.
    """
    classes: dict[str, set[str]] = {}
    of_kinds = kinds(recordings)
    for recording in recordings:
        for task, label in recording.labels.items():
            named = present(label)
            if isinstance(label, Labels):
                named += label.absent or ()
            classes.setdefault(task, set()).update(named)
    for task, names in classes.items():
        if not names:
            raise UserError(
                f"the task {task} has no label in any recording; add some"
            )
        if len(names) < of_kinds[task].least_classes:
            raise UserError(
                f"the task {task} has one class only ({names.pop()}), but must "
                "have two or more; add recordings of another class"
            )
    return {task: _sort_classes(names) for task, names in classes.items()}


def kinds(recordings: Sequence[Recording]) -> dict[str, Kind]:
    """The kind of each task: {task: kind}."""
    return {
        task: SEVERAL_LABELS if isinstance(label, Labels) else ONE_LABEL
        for recording in recordings
        for task, label in recording.labels.items()
    }


def describe_unused_files(
    path: str | os.PathLike[str], recordings: Sequence[Recording]
) -> list[str]:
    """Describes the files in a folder that are not among its recordings.

    Hidden files and CSVs are ignored.

    Args:
        path: the folder. For a CSV nothing is described.
        recordings: from `read`.

    Returns:
        A line per suffix, with an example. Audio files come first.
    """
    audio = describe_unused_audio(path, recordings)
    suffixes = folders.AUDIO_SUFFIXES + folders.FFMPEG_SUFFIXES
    return audio + [
        f"{len(files)} files {suffix or 'without a suffix'}, such as {files[0]}"
        for suffix, files in _unused(path, recordings).items()
        if suffix not in (*suffixes, ".csv")
    ]


def describe_unused_audio(
    path: str | os.PathLike[str], recordings: Sequence[Recording]
) -> list[str]:
    """Describes the audio files in a folder that are not used.

    They lie beside the class folders, or need FFmpeg, which is missing.

    Args:
        path: the folder. For a CSV nothing is described.
        recordings: from `read`.

    Returns:
        A line each, with a count and an example.
    """
    unused = _unused(path, recordings)
    can_read = folders.recording_suffixes()
    loose = [file for suffix in can_read for file in unused.get(suffix, ())]
    lines = folders.describe_left_out(
        file for files in unused.values() for file in files
    )
    if loose:
        lines.append(
            f"{len(loose)} audio files lie beside the class folders and are "
            f"not used, such as {min(loose)}"
        )
    return lines


def _unused(
    path: str | os.PathLike[str], recordings: Sequence[Recording]
) -> dict[str, list[pathlib.Path]]:
    """{suffix: files} of a folder that are not among its recordings."""
    path = pathlib.Path(path)
    if not path.is_dir():
        return {}
    used = {recording.path for recording in recordings}
    files = folders.list_files(path)
    return folders.by_suffix(file for file in files if file not in used)


def _sort_classes(names: set[str]) -> list[str]:
    if all(name.isdecimal() for name in names):
        return sorted(names, key=int)
    return sorted(names)


def _refuse_other_files(path: pathlib.Path) -> None:
    """Refuses a file that is no CSV by its suffix, and says what to give."""
    suffixes = folders.AUDIO_SUFFIXES + folders.FFMPEG_SUFFIXES
    kind = folders.other_kind(path)
    if path.suffix.lower() in suffixes:
        raise UserError(
            f"{path} is one recording; give the folder that holds a sub-folder "
            "per class, or a CSV; to predict on it: audio-diffstride predict "
            f"--workdir RUN {shlex.quote(str(path))} --output OUT.csv"
        )
    if kind == folders.SPREADSHEET:
        raise UserError(
            f"{path} is a spreadsheet; save the table as 'CSV UTF-8' and give "
            "that"
        )
    if kind == folders.ARCHIVE:
        raise UserError(
            f"{path} is an archive; unpack it, and give the folder or the CSV "
            "in it"
        )
