"""Read members of zip archives that may be damaged, or claim any size."""

from __future__ import annotations

import os
import pathlib
import zipfile
from collections import Counter
from collections.abc import Iterable


def most_bytes(packed_bytes: int) -> int:
    """How much so many packed bytes may unpack to.

    Weights hardly shrink when they are packed, and all else is small. Bytes
    that were packed to fill a memory shrink a thousand times.

    >>> most_bytes(1 << 20) >> 20
    21
    """
    return 20 * packed_bytes + (1 << 20)


def read(
    path: str | os.PathLike[str], names: Iterable[str]
) -> dict[str, bytes]:
    """Reads the members of an archive, in front of which other bytes may lie.

    Args:
        path: of the archive.
        names: of all members.

    Raises:
        ValueError: if the archive or a member is damaged or missing, if there
            are more members, or if all would unpack to more than
            `most_bytes`. It says so.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            num_bytes = sum(each.file_size for each in archive.infolist())
            most = most_bytes(pathlib.Path(path).stat().st_size)
            if not 0 <= num_bytes <= most:
                raise ValueError(
                    f"it unpacks to {num_bytes} bytes, but must have {most} "
                    "at most"
                )
            found = {name: _read(archive, name) for name in names}
            if more := Counter(archive.namelist()) - Counter([*found]):
                raise ValueError(f"it has more members, such as {min(more)}")
            return found
    except Exception as error:  # zipfile raises a dozen kinds
        lines = str(error).splitlines() or [type(error).__name__]
        raise ValueError(lines[0].rstrip(".")[:160]) from error


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        raise ValueError(f"it has no {name}")
    try:
        return archive.read(name)
    except zipfile.BadZipFile as error:
        raise ValueError(f"its {name} is not what was written") from error
