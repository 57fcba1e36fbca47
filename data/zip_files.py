"""Read recordings and label files from zip archives."""

from __future__ import annotations

import contextlib
import io
import lzma
import pathlib
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Self

import numpy as np

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.errors import UserError
from data.archive_limits import check_size


class ZipFiles:
    """The files of several zip archives, to read in any order.

    The name of a file is its folder and file name, such as "wav/7.wav". Folders
    above depend on how the archive was packed, and are ignored. Hidden files
    are left out, such as the "._*" of archives made on macOS. Nothing is
    written to disk. Use it as a context manager.

    Args:
        paths: of the archives.

    Raises:
        UserError: for an archive that is cut off or damaged. Two different
            files of one name are an error only when that name is read.
    """

    def __init__(self, paths: Iterable[pathlib.Path]):
        self._members: dict[str, tuple[zipfile.ZipFile, zipfile.ZipInfo]] = {}
        self._ambiguous: set[str] = set()
        with contextlib.ExitStack() as stack:
            for path in paths:
                with _refuse_damage(path):
                    archive = stack.enter_context(zipfile.ZipFile(path))
                for member in archive.infolist():
                    parts = pathlib.PurePosixPath(member.filename).parts
                    if not parts or member.filename.endswith("/"):
                        continue
                    if not parts[-1].startswith("."):
                        self._add("/".join(parts[-2:]), archive, member)
            self._stack = stack.pop_all()

    def _add(
        self, name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo
    ) -> None:
        first = self._members.setdefault(name, (archive, member))[1]
        if (first.CRC, first.file_size) != (member.CRC, member.file_size):
            self._ambiguous.add(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @property
    def names(self) -> list[str]:
        """The names of all files, in the archives' order."""
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """Reads a file.

        Raises:
            UserError: for a file that is damaged or would fill the memory, and
                for a name of two different files.
        """
        archive, member = self._members[name]
        if name in self._ambiguous:
            raise UserError(
                f"two different files are called {name}, one of them in "
                f"{archive.filename}; remove an archive"
            )
        check_size(name, archive.filename, member.file_size)
        with _refuse_damage(f"{name} in {archive.filename}"):
            return archive.read(member)

    def read_audio(self, name: str) -> np.ndarray:
        """Reads a recording as int16 samples: 16 kHz, mono."""
        archive, _ = self._members[name]
        return read_audio(
            io.BytesIO(self.read(name)), name=f"{name} in {archive.filename}"
        )


@contextlib.contextmanager
def _refuse_damage(what: object) -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        OSError,
        OverflowError,
        RuntimeError,  # for an encrypted file
        ValueError,
        lzma.LZMAError,
        struct.error,
        zlib.error,
    ) as error:
        raise UserError(
            f"{what} cannot be unpacked ({error}); download it again"
        ) from error
