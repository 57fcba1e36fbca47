"""Read the files of a tar archive, one after the other."""

from __future__ import annotations

import pathlib
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from audio_diffstride.errors import UserError
from data.archive_limits import check_size

_CHUNK_BYTES = 1 << 20


def read(
    path: pathlib.Path, wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Reads the wanted files of an archive, in the archive's order.

    A compressed archive is decompressed up to the last wanted file, so a few
    files cost as much as all. A caller who stops early saves the rest. Nothing
    is written to disk.

    Args:
        path: of the archive; its name does not matter.
        wanted: whether to read a file, given its name in the archive without a
            leading "./".

    Yields:
        (name, content). Hidden files are left out, such as the "._*" of
        archives made on macOS.

    Raises:
        UserError: for an archive that is cut off or damaged, or holds a file
            that would fill the memory.
    """
    archive: Any
    try:
        with tarfile.open(path, "r:gz") as archive:
            while (member := archive.next()) is not None:
                # tarfile keeps all members it has seen: 140 MB for NSynth.
                archive.members.clear()
                name = posixpath.normpath(member.name)
                hidden = posixpath.basename(name).startswith(".")
                if member.isfile() and not hidden and wanted(name):
                    check_size(name, path, member.size)
                    yield name, archive.extractfile(member).read()
            # Read on: tarfile takes a damaged header for the end of the
            # archive, and gzip compares its checksum only at the end.
            while archive.fileobj.read(_CHUNK_BYTES):
                pass
    except (
        tarfile.TarError,
        EOFError,
        OSError,
        OverflowError,
        ValueError,
        zlib.error,
    ) as error:
        raise UserError(
            f"{path} cannot be read to its end ({error}); download it again"
        ) from error
