"""Output paths of commands, without replacing files of others."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable

from audio_diffstride.errors import UserError, join_some

FLAG = "--overwrite"
HELP = "replace files that are at --output already"


def folder(path: str | os.PathLike[str]) -> pathlib.Path:
    """Checks an --output that must be a folder or not exist yet.

    Raises:
        UserError: if it is a file.
    """
    path = pathlib.Path(path)
    if path.exists() and not path.is_dir():
        raise UserError(f"--output {path} is a file; give a folder")
    return path


def file(path: str | os.PathLike[str]) -> pathlib.Path:
    """Checks an --output that must be a file or not exist yet.

    Raises:
        UserError: if it is a folder.
    """
    path = pathlib.Path(path)
    if path.is_dir():
        raise UserError(f"--output {path} is a folder; give a file")
    return path


def refuse_to_replace(
    paths: Iterable[str | os.PathLike[str]], overwrite: bool
) -> None:
    """Refuses to replace files unless the user asks for it.

    A command does not call it for files in the run's own work directory.
    Files elsewhere may belong to another run or to the user.

    Args:
        paths: the files to be written.
        overwrite: whether the user gave --overwrite.

    Raises:
        UserError: if some of the files exist.
    """
    there = [str(path) for path in paths if pathlib.Path(path).exists()]
    if there and not overwrite:
        raise UserError(
            f"{join_some(there)} is there already; give another --output, or "
            f"{FLAG} to replace what is there"
        )
