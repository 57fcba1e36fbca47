"""The results of sweeps, from their work directories or their kept tables."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable

from audio_diffstride.errors import UserError
from audio_diffstride.sweep import plan_file, runs_csv
from audio_diffstride.sweep.results import Result


def read(folder: str, split: str = "test") -> list[Result]:
    """The results of a sweep.

    Args:
        folder: of the sweep.
        split: that its runs were evaluated on.

    Raises:
        UserError: if there are none.
    """
    found = runs_csv.collect(folder, plan_file.read(folder), split)
    if not found:
        raise UserError(
            f"{folder} has no result on the {split} split; run the sweep "
            f"with --split {split}"
        )
    return found


def read_all(folders: Iterable[str]) -> list[Result]:
    """The results of several sweeps, one after another; see `read`."""
    return [result for folder in folders for result in read(folder)]


def by_name(
    folders: Iterable[str], split: str = "test"
) -> dict[str, list[Result]]:
    """{name of the folder: results} of several sweeps; see `read`."""
    return {
        pathlib.Path(folder).name: read(folder, split) for folder in folders
    }
