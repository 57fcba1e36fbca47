"""Find the audio files in a folder."""

from __future__ import annotations

import collections
import importlib.util
import os
import pathlib
from collections.abc import Iterable
from typing import NoReturn

from audio_diffstride.errors import UserError

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".opus", ".aif", ".aiff")
# Recordings and videos whose sound only FFmpeg decodes.
FFMPEG_SUFFIXES = (
    *(".m4a", ".aac", ".wma"),
    *(".mp4", ".mkv", ".mov", ".webm", ".avi"),
)
# What is sometimes given in place of a recording.
TABLE, SPREADSHEET, ARCHIVE = "a table", "a spreadsheet", "an archive"
_OTHER_KINDS = {
    TABLE: (".csv", ".tsv", ".txt", ".json", ".parquet"),
    SPREADSHEET: (".xlsx", ".xls", ".ods", ".numbers"),
    ARCHIVE: (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"),
}
INSTALL_FFMPEG = "pip install 'audio-diffstride[ffmpeg]'"


def has_ffmpeg() -> bool:
    """Whether PyAV is installed, which brings FFmpeg."""
    return importlib.util.find_spec("av") is not None


def needs_ffmpeg(path: str | bytes | os.PathLike[str]) -> bool:
    """Whether a file's suffix is one of `FFMPEG_SUFFIXES`.

    >>> needs_ffmpeg("a.M4A"), needs_ffmpeg(b"a.wav")
    (True, False)
    """
    suffix = os.path.splitext(os.fsdecode(path))[1]
    return suffix.lower() in FFMPEG_SUFFIXES


def recording_suffixes() -> tuple[str, ...]:
    """The suffixes of the recordings that can be read on this machine."""
    return AUDIO_SUFFIXES + (FFMPEG_SUFFIXES if has_ffmpeg() else ())


def other_kind(path: str | os.PathLike[str]) -> str | None:
    """What a file is if its suffix says that it is no recording, else None.

    >>> other_kind("a.xlsx"), other_kind("a.wav")
    ('a spreadsheet', None)
    """
    suffix = os.path.splitext(path)[1].lower()
    for kind, suffixes in _OTHER_KINDS.items():
        if suffix in suffixes:
            return kind
    return None


def list_recordings(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    """The files below a folder that have an audio suffix, sorted.

    The search covers all sub-folders. It follows links to folders, but enters
    each folder once. A broken link is listed too: reading it gives the error.

    Raises:
        UserError: for a folder that cannot be read.
    """
    suffixes = recording_suffixes()
    return [
        path for path in list_files(folder) if path.suffix.lower() in suffixes
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


def by_suffix(paths: Iterable[pathlib.Path]) -> dict[str, list[pathlib.Path]]:
    """Sorts files by their suffix, in small letters. Hidden ones are left out.

    >>> by_suffix([pathlib.Path("a.WAV"), pathlib.Path(".b")])
    {'.wav': [PosixPath('a.WAV')]}
    """
    found = collections.defaultdict(list)
    for path in paths:
        if not path.name.startswith("."):
            found[path.suffix.lower()].append(path)
    return dict(found)


def describe_left_out(paths: Iterable[pathlib.Path]) -> list[str]:
    """Describes the files that FFmpeg would read, where it is missing.

    Args:
        paths: of any suffix.

    Returns:
        A line per suffix, with a count and an example. Nothing where FFmpeg is
        installed.
    """
    if has_ffmpeg():
        return []
    return [
        f"{len(files)} files {suffix} are left out, such as {files[0]}: "
        f"{INSTALL_FFMPEG} reads them"
        for suffix, files in by_suffix(paths).items()
        if suffix in FFMPEG_SUFFIXES
    ]
