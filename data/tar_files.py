"""Reading the files of a tar archive, one after the other."""

from __future__ import annotations

import pathlib
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Iterator

from audio_diffstride.errors import UserError
from data.archive_limits import check_size

_CHUNK_BYTES = 1 << 20


def read(
    path: pathlib.Path, wanted: Callable[[str], bool]
) -> Iterator[tuple[str, bytes]]:
    """Yields the wanted files of an archive, in the archive's order.

    A compressed archive has to be decompressed up to the last file asked
    for, so this costs a whole pass however few files are wanted; a caller
    who stops iterating early saves the rest. Nothing is written to disk.

    Args:
        path: of the archive; what it is called does not matter.
        wanted: whether a file is; it is given the name in the archive
            without a leading "./".

    Yields:
        (name, content) of each. Hidden files, such as the "._*" that macOS
        adds to the archives it makes, are left out.

    Raises:
        UserError: for an archive that is cut off or damaged, or holds a file
            that would fill the memory.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            while (member := archive.next()) is not None:
                # It keeps every member it has seen: 140 MB for NSynth.
                archive.members.clear()
                name = posixpath.normpath(member.name)
                hidden = posixpath.basename(name).startswith(".")
                if member.isfile() and not hidden and wanted(name):
                    check_size(name, path, member.size)
                    yield name, archive.extractfile(member).read()
            # tarfile takes a damaged header for the end of the archive, and
            # gzip compares its checksum at the end of the file only.
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
