"""Where results go: never over a file that is not the command's own."""

from __future__ import annotations

import pathlib

from audio_diffstride.errors import UserError, join_some

FLAG = "--overwrite"
HELP = "replace files that are at --output already"


def folder(path) -> pathlib.Path:
    """An --output that is a folder, or is not there yet; or a `UserError`."""
    path = pathlib.Path(path)
    if path.exists() and not path.is_dir():
        raise UserError(f"--output {path} is a file; give a folder")
    return path


def refuse_to_replace(paths, overwrite: bool):
    """Refuses if one of the files is there already.

    Inside a run's own work directory the names are the commands' own, and are
    replaced; anywhere else a file may be of another run, or the user's.

    Args:
        paths: the files that would be written.
        overwrite: whether the user gave --overwrite.

    Raises:
        UserError: which files are there.
    """
    there = [str(path) for path in paths if pathlib.Path(path).exists()]
    if there and not overwrite:
        raise UserError(
            f"{join_some(there)} is there already; give another --output, or "
            f"{FLAG} to replace what is there"
        )
