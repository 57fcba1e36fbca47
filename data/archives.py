"""Find the archives of a data set: downloaded by the user, or by TFDS."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from audio_diffstride.errors import UserError

_GB = 1e9

# Archive, TFDS's copy and store lie side by side. Samples are often compressed
# in the archive: 2.4, 3.4 and 3.4 GB for Speech Commands.
DISK_FACTOR = 4


@dataclasses.dataclass(frozen=True)
class Archive:
    """One file of a data set.

    Attributes:
        url: of the download.
        pattern: of its name in the manual folder, such as
            "speech_commands*.tar.gz".
        num_bytes: its size, 0 if unknown.
    """

    url: str
    pattern: str
    num_bytes: int = 0


def find(
    dl_manager: Any, archives: Mapping[str, Archive]
) -> dict[str, pathlib.Path]:
    """Finds archives in the manual folder. Without one, downloads them.

    A builder that calls this sets MANUAL_DOWNLOAD_INSTRUCTIONS. The manual
    folder is the DIR of `python -m data.prepare --manual_dir DIR`.

    Args:
        dl_manager: of the TFDS builder.
        archives: {name: archive}.

    Returns:
        {name: path}.

    Raises:
        UserError: if the manual folder lacks archives, naming each, or the
            disk is too full for the download.
    """
    manual_dir = _manual_dir(dl_manager)
    if manual_dir is None:
        return _download(dl_manager, archives)
    paths, problems = {}, []
    for name, archive in archives.items():
        found = sorted(manual_dir.glob(archive.pattern))
        if len(found) == 1:
            paths[name] = found[0]
        else:
            problems.append(
                f"one file {archive.pattern}, but holds {len(found)}; it is "
                f"the download of {archive.url}"
            )
    if problems:
        raise UserError(f"{manual_dir} must hold {', and '.join(problems)}")
    return paths


def list_available(
    dl_manager: Any, archives: Mapping[str, Archive]
) -> dict[str, Archive]:
    """The archives in the manual folder; without one all, to be downloaded.

    It is for a data set that can be built from a part of its archives.
    """
    manual_dir = _manual_dir(dl_manager)
    return {
        name: archive
        for name, archive in archives.items()
        if manual_dir is None or any(manual_dir.glob(archive.pattern))
    }


def check_free_space(
    folder: str | os.PathLike[str],
    num_bytes: int,
    purpose: str = "to download",
    factor: int = DISK_FACTOR,
) -> str:
    """Checks that a disk has room for a data set.

    Args:
        folder: where the data goes; need not exist yet.
        num_bytes: the size of the data.
        purpose: of these bytes, for the sentence.
        factor: total disk space, as a multiple of `num_bytes`.

    Returns:
        A sentence with the needed and the free space.

    Raises:
        UserError: if the disk is too full.
    """
    folder = pathlib.Path(folder)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    sizes = f"{num_bytes / _GB:.1f} GB {purpose}, "
    if factor > 1:
        sizes += f"about {factor * num_bytes / _GB:.1f} GB in all, "
    sizes += f"{free / _GB:.1f} GB free"
    if free < factor * num_bytes:
        raise UserError(
            f"{folder} has too little room: {sizes}; free some, or give another"
            " --store_dir"
        )
    return f"{sizes} in {folder}"


def _manual_dir(dl_manager: Any) -> pathlib.Path | None:
    try:
        return pathlib.Path(dl_manager.manual_dir)
    except AssertionError:  # raised by TFDS without a manual folder
        return None


def _download(
    dl_manager: Any, archives: Mapping[str, Archive]
) -> dict[str, pathlib.Path]:
    num_bytes = sum(archive.num_bytes for archive in archives.values())
    print(check_free_space(dl_manager.download_dir, num_bytes), file=sys.stderr)
    return dl_manager.download(
        {name: archive.url for name, archive in archives.items()}
    )
