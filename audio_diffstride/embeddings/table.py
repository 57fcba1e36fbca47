"""The Parquet file of embeddings: a row per window of a recording.

The columns are `file` (text), `start_s` and `end_s` (numbers), `padded`, and
`embedding` (a list of floats, equally long in all rows). Files of other tools
may have other columns too, and need no `padded`.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from audio_diffstride.errors import UserError, join_some

_ROWS_AT_ONCE = 4096  # in memory, and in a row group
_KEY = b"audio_diffstride"  # in the metadata of the schema
_REMEDY = "give the output of audio-diffstride embed, or a table like it"
_Path = str | os.PathLike[str]


class WindowVector(NamedTuple):
    """A window of a recording with its embedding.

    Attributes:
        start_s: where it begins, in seconds.
        end_s: where it ends, in seconds; never after the recording.
        padded: whether zeros fill its end.
        embedding: the numbers.
    """

    start_s: float
    end_s: float
    padded: bool
    embedding: list[float]


@dataclasses.dataclass(frozen=True)
class Windows:
    """Some rows of a table.

    Attributes:
        files: the recording of each.
        start_s: where each begins, of shape (rows,).
        end_s: where each ends.
        embeddings: float64, of shape (rows, numbers).
    """

    files: list[str]
    start_s: np.ndarray
    end_s: np.ndarray
    embeddings: np.ndarray


def write(
    path: _Path,
    rows: Iterable[tuple[str, WindowVector]],
    size: int,
    about: dict[str, Any],
) -> None:
    """Writes a table, with few rows in memory at a time.

    Args:
        path: the file.
        rows: (file, window) of one recording after the other.
        size: how many numbers each embedding has.
        about: what made them, as JSON values: the metadata `audio_diffstride`
            of the schema.
    """
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.schema(
        [
            ("file", pyarrow.string()),
            ("start_s", pyarrow.float64()),
            ("end_s", pyarrow.float64()),
            ("padded", pyarrow.bool_()),
            ("embedding", pyarrow.list_(pyarrow.float32(), size)),
        ],
        {_KEY: json.dumps(about).encode()},
    )
    rows = iter(rows)
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        while group := list(itertools.islice(rows, _ROWS_AT_ONCE)):
            files, windows = zip(*group)
            *columns, embeddings = zip(*windows)
            values = np.asarray(embeddings, np.float32).ravel()
            arrays = [
                pyarrow.array(column, field.type)
                for column, field in zip([files, *columns], schema)
            ]
            arrays.append(pyarrow.FixedSizeListArray.from_arrays(values, size))
            writer.write_table(pyarrow.table(arrays, schema=schema))


def read(path: _Path) -> Iterator[Windows]:
    """Reads a table, some rows at a time, and checks every row.

    Yields:
        At least one row in all.

    Raises:
        UserError: for a file that is no such table. It names the column and
            the row.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
        columns = _check_types(path, file.schema_arrow)
        if not file.metadata.num_rows:
            raise UserError(f"{path} has no rows; {_REMEDY}")
        first_row, size = 1, 0
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=columns):
            rows = _Rows(path, first_row, batch)
            size = size or rows.size
            yield rows.checked(size)
            first_row += batch.num_rows
    except FileNotFoundError as error:
        raise UserError(f"{path} does not exist; {_REMEDY}") from error
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(
            f"{path} cannot be read as Parquet ({reason}); {_REMEDY}"
        ) from error


def _check_types(path: _Path, schema: Any) -> list[str]:
    """The columns to read, after a look at their types."""
    from pyarrow import types

    def is_text(kind: Any) -> bool:
        kind = kind.value_type if types.is_dictionary(kind) else kind
        return types.is_string(kind) or types.is_large_string(kind)

    def is_number(kind: Any) -> bool:
        return types.is_floating(kind) or types.is_integer(kind)

    def is_vector(kind: Any) -> bool:
        is_list = (
            types.is_list(kind)
            or types.is_large_list(kind)
            or types.is_fixed_size_list(kind)
        )
        return is_list and types.is_floating(kind.value_type)

    expected = {
        "file": ("text", is_text),
        "start_s": ("a number", is_number),
        "end_s": ("a number", is_number),
        "embedding": ("a list of floats", is_vector),
    }
    for name, (what, fits) in expected.items():
        if schema.names.count(name) != 1:
            raise UserError(
                f"{path} has {schema.names.count(name) or 'no'} columns "
                f"{name!r}, but must have one; it has "
                f"{join_some(schema.names, 10)}; {_REMEDY}"
            )
        kind = schema.field(name).type
        if not fits(kind):
            raise UserError(
                f"{path}: the column {name!r} is {kind}, but must be {what}; "
                f"{_REMEDY}"
            )
    return [*expected]


class _Rows:
    """The rows of a batch, with their numbers in the file for messages."""

    def __init__(self, path: _Path, first_row: int, batch: Any):
        import pyarrow.compute

        self._path = path
        self._first_row = first_row
        self._batch = batch
        for name in batch.schema.names:
            column = batch.column(name)
            self._refuse(
                column.is_null().to_numpy(zero_copy_only=False),
                f"has no {name}",
            )
        lengths = pyarrow.compute.list_value_length(batch.column("embedding"))
        self._lengths = lengths.to_numpy(zero_copy_only=False)
        self.size = int(self._lengths[0])

    def checked(self, size: int) -> Windows:
        """The rows as arrays; see `read`."""
        self._refuse(self._lengths == 0, "has an empty embedding")
        self._refuse(
            self._lengths != size,
            f"has an embedding of another length than the first, {size}",
        )
        start_s, end_s = (self._numbers(name) for name in ("start_s", "end_s"))
        self._refuse(
            ~((0 <= start_s) & (start_s < end_s) & (end_s < np.inf)),
            "does not end after it begins, at 0 or later",
        )
        values = self._batch.column("embedding").flatten()
        embeddings = values.to_numpy(zero_copy_only=False)
        embeddings = embeddings.astype(np.float64).reshape(-1, size)
        self._refuse(
            ~np.isfinite(embeddings).all(axis=1),
            "has an embedding with a value that is not a finite number",
        )
        files = self._batch.column("file").to_pylist()
        return Windows(files, start_s, end_s, embeddings)

    def _numbers(self, name: str) -> np.ndarray:
        column = self._batch.column(name).to_numpy(zero_copy_only=False)
        return column.astype(np.float64)

    def _refuse(self, is_bad: np.ndarray, what: str) -> None:
        if is_bad.any():
            row = self._first_row + int(np.argmax(is_bad))
            raise UserError(f"{self._path}: row {row} {what}; {_REMEDY}")
