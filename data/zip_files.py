"""Reading recordings and label files out of zip archives."""

from __future__ import annotations

import contextlib
import io
import lzma
import pathlib
import struct
import zipfile
import zlib
from collections.abc import Iterable

import numpy as np

from audio_diffstride.audio import reading
from audio_diffstride.errors import UserError
from data.archive_limits import check_size


class ZipFiles:
    """The files of some zip archives, read one at a time in any order.

    A file is called by its name and folder, such as "wav/7.wav": what lies
    above them depends on how an archive was packed. Hidden files, such as the
    "._*" that macOS adds to the archives it makes, are left out. Nothing is
    written to disk.

    Args:
        paths: of the archives.

    Two different files of one name are told when that one is read.

    Raises:
        UserError: for an archive that is cut off or damaged.
    """

    def __init__(self, paths: Iterable[pathlib.Path]):
        self._members, self._ambiguous = {}, set()
        with contextlib.ExitStack() as stack:
            for path in paths:
                with _told_of_damage(path):
                    archive = stack.enter_context(zipfile.ZipFile(path))
                for member in archive.infolist():
                    parts = pathlib.PurePosixPath(member.filename).parts
                    if not parts or member.filename.endswith("/"):
                        continue
                    if not parts[-1].startswith("."):
                        self._add("/".join(parts[-2:]), archive, member)
            self._stack = stack.pop_all()

    def _add(self, name: str, archive, member):
        first = self._members.setdefault(name, (archive, member))[1]
        if (first.CRC, first.file_size) != (member.CRC, member.file_size):
            self._ambiguous.add(name)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._stack.close()

    @property
    def names(self) -> list[str]:
        """Of all the files, in the archives' order."""
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            UserError: if it is damaged, would fill the memory, or is one of
                two of that name.
        """
        archive, member = self._members[name]
        if name in self._ambiguous:
            raise UserError(
                f"two different files are called {name}, one of them in "
                f"{archive.filename}; remove an archive"
            )
        check_size(name, archive.filename, member.file_size)
        with _told_of_damage(f"{name} in {archive.filename}"):
            return archive.read(member)

    def read_audio(self, name: str) -> np.ndarray:
        """The 16 kHz mono int16 samples of a recording; see `audio`."""
        archive, _ = self._members[name]
        return reading.read_audio(
            io.BytesIO(self.read(name)), name=f"{name} in {archive.filename}"
        )


@contextlib.contextmanager
def _told_of_damage(what):
    try:
        yield
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        OSError,
        OverflowError,
        RuntimeError,  # of an encrypted file
        ValueError,
        lzma.LZMAError,
        struct.error,
        zlib.error,
    ) as error:
        raise UserError(
            f"{what} cannot be unpacked ({error}); download it again"
        ) from error
