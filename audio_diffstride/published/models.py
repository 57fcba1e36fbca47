"""Published models, by name: where a run is read, its name does as well.

The folder of a published model is that of a run, without what only its
training needed. SHA256SUMS lists its files.
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable

from audio_diffstride.errors import UserError, join_some
from audio_diffstride.files import digests
from audio_diffstride.terminal.notices import note

NAMES = ("demo",)
SUMS = "SHA256SUMS"
_FOLDER = pathlib.Path(__file__).parent
_CONFIG = "config.json"  # of a run


def run_folder(run: str | os.PathLike[str]) -> pathlib.Path:
    """The folder of a run that is given by its path, or by a name.

    A run in a folder of that name comes first, with a note.

    Raises:
        UserError: if a file of the published model is not what was published.

    >>> run_folder("runs/mine").as_posix()
    'runs/mine'
    """
    path = pathlib.Path(run)
    if str(run) not in NAMES:
        return path
    if (path / _CONFIG).exists():
        note(
            f"the run in the folder {run} is used, and not the model {run} of "
            "the package"
        )
        return path
    return _verified(_FOLDER / run)


def refuse_to_write(runs: Iterable[str | os.PathLike[str]]) -> None:
    """Refuses to write results beside a published model.

    Args:
        runs: folders from `run_folder`.

    Raises:
        UserError: if one is that of a published model.
    """
    names = [p.name for p in map(pathlib.Path, runs) if p.parent == _FOLDER]
    if names:
        raise UserError(
            f"{join_some(names)} is a model of the package, and nothing is "
            "written there; give --output"
        )


def _verified(folder: pathlib.Path) -> pathlib.Path:
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    for digest, name in (line.split("  ", 1) for line in lines):
        path = folder / name
        if not path.is_file() or digests.digest_of_file(path) != digest:
            raise UserError(
                f"{path} is missing or not what was published; install "
                "audio-diffstride again"
            )
    return folder
