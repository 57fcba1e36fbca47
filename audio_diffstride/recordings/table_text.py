"""Read the cells of a table: its encoding, its separator, its quotes."""

from __future__ import annotations

import csv
import dataclasses
import io
import pathlib
from collections.abc import Collection, Iterator

from audio_diffstride.errors import UserError, shortened

MAX_COLUMNS = 20_000  # there are 11,000 birds
_SEPARATORS = (",", ";", "\t")  # in the order in which they are tried
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ZIP_MARK, _OLE_MARK = b"PK\3\4", b"\xd0\xcf\x11\xe0"  # .xlsx and .xls
_REMEDY = "save it as UTF-8, for example in a spreadsheet as 'CSV UTF-8', or by"


@dataclasses.dataclass(frozen=True)
class Cells:
    """The cells of a table.

    Attributes:
        header: the names of the columns.
        rows: the cells of all other rows.
        separator: between two cells.
    """

    header: list[str]
    rows: list[list[str]]
    separator: str


def read(path: pathlib.Path, path_columns: Collection[str]) -> Cells:
    """Reads a table in UTF-8, separated by commas, semicolons or tabs.

    Args:
        path: the table.
        path_columns: names that the column of the paths may have. They tell
            which separator is right.

    Raises:
        UserError: for a file that is no such table. It names the encoding.
    """
    text = read_text(path)
    separator = _find_separator(text, path_columns)
    try:
        header, *rows = list(_reader(text, separator)) or [[]]
    except csv.Error as error:
        raise UserError(f"{path} is not a CSV in UTF-8: {error}") from error
    if len(header) > MAX_COLUMNS:
        raise UserError(
            f"{path} has {len(header)} columns, but must have {MAX_COLUMNS} at "
            "most; remove those that are not needed"
        )
    return Cells(header, rows, separator)


def read_text(path: pathlib.Path) -> str:
    """Reads a file in UTF-8.

    Raises:
        UserError: for one that is not. It names the encoding.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    return _decode(path, content)


def _reader(text: str, separator: str) -> Iterator[list[str]]:
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=separator, strict=True)


def _find_separator(text: str, path_columns: Collection[str]) -> str:
    r"""The separator, by the header alone.

    It is the first that makes a column of the paths. Without such a column it
    is the one that makes most columns.

    >>> _find_separator("path;note, if any\n", ["path"])
    ';'
    """
    headers = {}
    for separator in _SEPARATORS:
        try:
            headers[separator] = next(_reader(text, separator), [])
        except csv.Error:  # an open quote
            continue
    for separator, header in headers.items():
        if {*header} & {*path_columns}:
            return separator
    return max(headers, key=lambda s: len(headers[s]), default=",")


def _decode(path: pathlib.Path, content: bytes) -> str:
    if content.startswith((_ZIP_MARK, _OLE_MARK)):
        raise UserError(
            f"{path} is a spreadsheet or an archive, not a CSV; save the table "
            "as 'CSV UTF-8', or unpack the archive"
        )
    if content.startswith(_UTF_16_MARKS):
        raise _refuse_utf_16(path, "UTF-16")
    if unmarked := _unmarked_utf_16(content):
        raise _refuse_utf_16(path, unmarked)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _has_controls(content):
            raise UserError(f"{path} is not a CSV in UTF-8: {error}") from error
        number = len((content[: error.start] + b"x").splitlines())
        line = content.splitlines()[number - 1].decode("latin-1")
        raise UserError(
            f"{path} is not a CSV in UTF-8, but probably in Latin-1, in which "
            f"line {number} is {shortened(line)}; {_REMEDY} "
            "iconv -f LATIN1 -t UTF-8"
        ) from error


def _refuse_utf_16(path: pathlib.Path, encoding: str) -> UserError:
    return UserError(
        f"{path} is not a CSV in UTF-8, but in UTF-16; {_REMEDY} "
        f"iconv -f {encoding} -t UTF-8"
    )


def _unmarked_utf_16(content: bytes) -> str | None:
    """Which UTF-16 a text without a byte order mark is in, if any.

    The high bytes of the letters a to z are 0 there.

    >>> _unmarked_utf_16("path,a".encode("utf-16-be"))
    'UTF-16BE'
    """
    even, odd = content[:8:2], content[1:8:2]
    if len(content) >= 8 and any(even) != any(odd):
        if all(even) and not any(odd):
            return "UTF-16LE"
        if all(odd) and not any(even):
            return "UTF-16BE"
    return None


def _has_controls(content: bytes) -> bool:
    """Whether bytes are in it that no text has."""
    return any(byte < 32 and byte not in b"\t\r\n" for byte in content)
