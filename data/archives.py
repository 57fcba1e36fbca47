"""The archives a data set is built from: the user's own download, or ours."""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import sys

from audio_diffstride.errors import UserError

_GB = 1e9

# The archive, TFDS's copy and the clip store lie side by side, and samples
# are often packed in the archive: 2.4, 3.4 and 3.4 GB for Speech Commands.
DISK_FACTOR = 4


@dataclasses.dataclass(frozen=True)
class Archive:
    """One file of a data set.

    Attributes:
        url: where it can be downloaded.
        pattern: of its name in a folder of own downloads, e.g.
            "speech_commands*.tar.gz".
        num_bytes: its size, 0 where it is not known.
    """

    url: str
    pattern: str
    num_bytes: int = 0


def find(dl_manager, archives: dict[str, Archive]) -> dict[str, pathlib.Path]:
    """The archives in the manual folder, or else downloaded.

    A builder that calls this sets MANUAL_DOWNLOAD_INSTRUCTIONS; the manual
    folder is what `python -m data.prepare --manual_dir DIR` gives.

    Args:
        dl_manager: of the TFDS builder.
        archives: {name: archive}.

    Returns:
        {name: path}.

    Raises:
        UserError: if the manual folder lacks archives, each of which is named,
            or the disk is too full to download them.
    """
    try:
        manual_dir = pathlib.Path(dl_manager.manual_dir)
    except AssertionError:  # TFDS's way to say that none was given
        return _download(dl_manager, archives)
    paths, wrong = {}, []
    for name, archive in archives.items():
        found = sorted(manual_dir.glob(archive.pattern))
        if len(found) == 1:
            paths[name] = found[0]
        else:
            wrong.append(
                f"one file {archive.pattern}, but holds {len(found)}; it is "
                f"the download of {archive.url}"
            )
    if wrong:
        raise UserError(f"{manual_dir} must hold {', and '.join(wrong)}")
    return paths


def present(dl_manager, archives: dict[str, Archive]) -> dict[str, Archive]:
    """Those of the archives that the manual folder holds.

    For a data set that can be built from a part of its archives. Without a
    manual folder it is all of them, since they can be downloaded.
    """
    try:
        manual_dir = pathlib.Path(dl_manager.manual_dir)
    except AssertionError:  # TFDS's way to say that none was given
        return archives
    return {
        name: archive
        for name, archive in archives.items()
        if any(manual_dir.glob(archive.pattern))
    }


def _download(dl_manager, archives):
    needed = sum(archive.num_bytes for archive in archives.values())
    sizes = check_room(dl_manager.download_dir, needed)
    print(sizes, file=sys.stderr)
    return dl_manager.download(
        {name: archive.url for name, archive in archives.items()}
    )


def check_room(
    folder, needed: int, what: str = "to download", factor: int = DISK_FACTOR
) -> str:
    """What a data set needs of the disk, and what there is, as a sentence.

    Args:
        folder: that it goes to; need not exist yet.
        needed: bytes.
        what: they are for.
        factor: how many times as much it takes in all.

    Raises:
        UserError: if the disk is too full for it and what is made of it.
    """
    folder = pathlib.Path(folder)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    sizes = f"{needed / _GB:.1f} GB {what}, "
    if factor > 1:
        sizes += f"about {factor * needed / _GB:.1f} GB in all, "
    sizes += f"{free / _GB:.1f} GB free"
    if free < factor * needed:
        raise UserError(f"{folder} has too little room: {sizes}")
    return f"{sizes} in {folder}"
