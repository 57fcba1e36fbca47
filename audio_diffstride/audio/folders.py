"""Find the audio files in a folder."""

from __future__ import annotations

import os
import pathlib
from typing import NoReturn

from audio_diffstride.errors import UserError

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".opus", ".aif", ".aiff")


def list_recordings(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    """The files below a folder that have an audio suffix, sorted.

    The search covers all sub-folders. It follows links to folders, but enters
    each folder once. A broken link is listed too: reading it gives the error.

    Raises:
        UserError: for a folder that cannot be read.
    """
    return [
        path
        for path in list_files(folder)
        if path.suffix.lower() in AUDIO_SUFFIXES
    ]


def list_files(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    """All files below a folder, of any suffix; see `list_recordings`."""

    def refuse(error: OSError) -> NoReturn:
        raise UserError(
            f"{error.filename} cannot be read: {error.strerror}"
        ) from error

    found: list[pathlib.Path] = []
    seen = set()
    walk = os.walk(folder, onerror=refuse, followlinks=True)
    for parent, folders, files in walk:
        status = os.stat(parent)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders.sort()
        found += [pathlib.Path(parent, file) for file in files]
    return sorted(found)
