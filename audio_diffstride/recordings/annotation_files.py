"""List the annotations of a CSV, a Raven or Audacity file, or a folder of them.

In a folder a table lies beside its recording. Its name begins with that of the
recording, and ends in `.txt`:

    a.wav    a.Table.1.selections.txt, a.wav.selections.txt or a.txt

A recording without a table is left out: nobody has said that nothing is in it.
A table without rows says so.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence

from audio_diffstride.audio import folders
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import (
    audacity_labels,
    label_table,
    raven_table,
    table_text,
)
from audio_diffstride.recordings.annotation import Annotation
from audio_diffstride.recordings.recording import SPLIT_NAMES, Recording

SUFFIX = ".txt"


def read(
    path: pathlib.Path,
    tasks: Sequence[str],
    column_map: Mapping[str, str],
    note: Callable[[str], object],
) -> list[Annotation]:
    """Lists annotations; for the arguments: `manifest.read`.

    Raises:
        UserError: for files that are invalid, or none.
    """
    if path.is_dir():
        return _read_folder(path, column_map, note)
    beside = [
        file
        for file in sorted(path.parent.iterdir())
        if file.suffix.lower() in folders.recording_suffixes()
    ]
    is_text = path.suffix.lower() == SUFFIX
    found = _find_recording(path, beside) if is_text else None
    if found is None and not _is_raven(path):
        return label_table.read_annotations(path, tasks, column_map, note)
    recording = None if found is None else Recording(found, {})
    return _read_table(path, recording, column_map, note)


def _read_folder(
    folder: pathlib.Path,
    column_map: Mapping[str, str],
    note: Callable[[str], object],
) -> list[Annotation]:
    tables = [
        file
        for file in folders.list_files(folder)
        if file.suffix.lower() == SUFFIX and not file.name.startswith(".")
    ]
    recordings = folders.list_recordings(folder)
    if not tables:
        raise UserError(
            f"{folder} has no annotations ({SUFFIX} files of Raven or "
            "Audacity, beside their recordings); give a CSV, or add them"
        )
    parts = {file.relative_to(folder).parts[0] for file in recordings}
    has_splits = bool(recordings) and parts <= {*SPLIT_NAMES}
    annotations: list[Annotation] = []
    annotated, loose = set(), []
    for table in tables:
        path = _find_recording(table, recordings)
        recording = None
        if path is not None:
            annotated.add(path)
            first = path.relative_to(folder).parts[0]
            split = SPLIT_NAMES[first] if has_splits else ""
            recording = Recording(path, {}, split)
        elif not _is_raven(table):
            loose.append(table)
            continue
        annotations += _read_table(table, recording, column_map, note)
    if loose:
        note(
            f"{len(loose)} {SUFFIX} files are left out, such as {loose[0]}: no "
            "recording with such a name lies beside them"
        )
    without = [file for file in recordings if file not in annotated]
    named = {annotation.segment.path for annotation in annotations}
    without = [file for file in without if file not in named]
    if without:
        note(
            f"{len(without)} recordings have no annotations and are left out, "
            f"such as {without[0]}; an empty table says that nothing is in one"
        )
    return annotations


def _read_table(
    path: pathlib.Path,
    recording: Recording | None,
    column_map: Mapping[str, str],
    note: Callable[[str], object],
) -> list[Annotation]:
    """The annotations of a table; one without times if it has no rows."""
    if _is_raven(path):
        found = raven_table.read(path, recording, column_map, note)
    else:
        if column_map:
            raise UserError(
                f"{path} has no columns with names; leave data.columns empty"
            )
        assert recording is not None  # other tables name theirs
        found = audacity_labels.read(path, recording)
    if not found and recording is not None:
        return [Annotation(str(path), recording)]
    return found


def _is_raven(path: pathlib.Path) -> bool:
    first, *_ = [*table_text.read_text(path).splitlines(), ""]
    return raven_table.is_raven(first)


def _find_recording(
    table: pathlib.Path, recordings: Sequence[pathlib.Path]
) -> pathlib.Path | None:
    """The recording in the folder of a table whose name the table begins with.

    Raises:
        UserError: if there are several of the longest such name.
    """
    beside = [file for file in recordings if file.parent == table.parent]
    parts = table.name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:length])
        found = [file for file in beside if name in (file.name, file.stem)]
        if len(found) > 1:
            raise UserError(
                f"{table} may be of {found[0].name} or of {found[1].name}; "
                f"call it {found[0].name}{SUFFIX}"
            )
        if found:
            return found[0]
    return None
