"""Prepare background recordings, which have no classes and no splits."""

from __future__ import annotations

import pathlib

import ml_collections

from audio_diffstride.audio import folders
from audio_diffstride.datasets import store_files
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import (
    clip_writing,
    decoding,
    preparation,
    table_text,
)
from audio_diffstride.recordings.recording import Recording

_FIELD = "augmentation.background"


def prepare(config: ml_collections.ConfigDict) -> ClipStore | None:
    """Prepares the store of a config's background, or opens the existing one.

    Args:
        config: a whole config. The store is in `data.store_dir`, at the rate
            of the front end. `data.skip_bad_files` counts here too.

    Returns:
        The store, whose clips are in the split "train". None if the config
        has no background.

    Raises:
        UserError: for recordings that are missing or cannot be decoded.
    """
    recordings = _read(config)
    if not recordings:
        return None
    data, rate_hz = config.data, config.front_end.sample_rate_hz
    path = config.augmentation.background
    root = preparation.folder(path)
    fingerprint = clip_writing.fingerprint(
        (store_files.FORMAT, rate_hz, _FIELD),
        "",
        (
            clip_writing.describe_file(recording, root, data.skip_bad_files)
            for recording in recordings
        ),
    )
    store_path = store_files.store_path(
        data.store_dir, f"{root.name}-background", fingerprint
    )
    if not (store_path / "store.json").exists():
        clip_writing.write_store(
            store_path,
            decoding.decode_all(recordings, rate_hz),
            root,
            data.skip_bad_files,
            name=str(path),
            tasks={},
            sample_rate_hz=rate_hz,
            fingerprint=fingerprint,
            split_name="background",
        )
    return ClipStore(store_path)


def check(config: ml_collections.ConfigDict) -> None:
    """Checks that every file of a config's background is there.

    Raises:
        UserError: for a list or a file that is not.
    """
    recordings = _read(config)
    if not config.data.skip_bad_files:
        clip_writing.check_files(recordings)


def _read(config: ml_collections.ConfigDict) -> list[Recording]:
    """Lists the background recordings of a config, if it has any."""
    if "image" in config or not config.augmentation.background:
        return []
    path = pathlib.Path(config.augmentation.background).expanduser()
    if path.is_dir():
        files = folders.list_recordings(path)
    elif path.is_file():
        files = _read_table(path)
    else:
        raise UserError(
            f"{_FIELD} is {path}, which does not exist; give a folder or a CSV"
        )
    if not files:
        raise UserError(
            f"{_FIELD} is {path}, which has no recordings; give a folder or a "
            "CSV of background sound"
        )
    return [Recording(file, labels={}, split="train") for file in files]


def _read_table(path: pathlib.Path) -> list[pathlib.Path]:
    """The files in the column `path` of a CSV, relative to it."""
    cells = table_text.read(path, ["path"])
    if "path" not in cells.header:
        raise UserError(
            f"{path} has no column path, but is the {_FIELD}; name the column "
            "of the audio files so"
        )
    column = cells.header.index("path")
    files = []
    for number, row in enumerate(cells.rows, start=2):
        if not row:
            continue
        if len(row) <= column or not row[column] or "\0" in row[column]:
            raise UserError(
                f"{path}, row {number}: 'path' names no file; give the audio "
                "file, or remove the row"
            )
        files.append(path.parent / row[column])
    return files
