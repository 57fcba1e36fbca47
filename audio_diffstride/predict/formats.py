"""Files of detections: CSV, JSON Lines, Parquet, Raven, Audacity.

CSV, JSON Lines and Parquet are one table of all recordings. Raven and Audacity
show one recording at a time, so they get one file per recording.
"""

from __future__ import annotations

import collections.abc
import csv
import itertools
import json
import os
import pathlib
from typing import TextIO

from audio_diffstride.errors import UserError
from audio_diffstride.predict.detections import Detection

TABLES = ("csv", "parquet", "jsonl")
PER_RECORDING = {"raven": ".selections.txt", "audacity": ".labels.txt"}

COLUMNS = (
    "file",
    "start_s",
    "end_s",
    "padded",
    "windows",
    "task",
    "class",
    "score",
)

_ROW_GROUP_ROWS = 65536

# (file, detection) of one recording after the other.
Rows = collections.abc.Iterable[tuple[str, Detection]]
_Path = str | os.PathLike[str]


def write_table(
    path: _Path, rows: Rows, kind: str, at_once: bool = False
) -> None:
    """Writes all detections as one table of `COLUMNS`.

    Args:
        path: the file.
        rows: (file, detection) pairs. Few of them are in memory at a time.
        kind: one of `TABLES`.
        at_once: whether each row is in the file before the next one is
            computed; not with Parquet.
    """
    if kind == "parquet":
        _write_parquet(path, rows)
        return
    with _open(path, at_once) as file:
        (_write_csv if kind == "csv" else _write_jsonl)(file, rows)


def _open(path: _Path, at_once: bool) -> TextIO:
    return open(
        path,
        "w",
        newline="\n",
        encoding="utf-8",
        buffering=1 if at_once else -1,
    )


def _write_csv(file: TextIO, rows: Rows) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, row in rows:
        start_s, end_s, padded, *others = row
        written = "true" if padded else "false"
        writer.writerow([name, start_s, end_s, written, *others])


def _write_jsonl(file: TextIO, rows: Rows) -> None:
    for name, row in rows:
        line = dict(zip(COLUMNS, (name, *row)))
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _write_parquet(path: _Path, rows: Rows) -> None:
    import pyarrow
    import pyarrow.parquet

    types = (
        pyarrow.string(),
        pyarrow.float64(),
        pyarrow.float64(),
        pyarrow.bool_(),
        pyarrow.int64(),
        pyarrow.string(),
        pyarrow.string(),
        pyarrow.float64(),
    )
    schema = pyarrow.schema(list(zip(COLUMNS, types)))
    flat = ((name, *row) for name, row in rows)
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        while group := list(itertools.islice(flat, _ROW_GROUP_ROWS)):
            columns = zip(zip(*group), types)
            arrays = [pyarrow.array(values, kind) for values, kind in columns]
            writer.write_table(pyarrow.table(arrays, schema=schema))


def write_recording(
    path: _Path,
    kind: str,
    source: str,
    rows: collections.abc.Iterable[Detection],
    band_hz: tuple[float, float],
    with_task: bool,
    at_once: bool = False,
) -> None:
    """Writes one recording, by `write_raven` or `write_audacity`."""
    if kind == "raven":
        write_raven(path, source, rows, band_hz, at_once)
    else:
        write_audacity(path, rows, with_task, at_once)


def write_raven(
    path: _Path,
    source: _Path,
    rows: collections.abc.Iterable[Detection],
    band_hz: tuple[float, float],
    at_once: bool = False,
) -> None:
    """Writes a selection table that Raven Pro and Lite open.

    Raven needs tabs, a header, and the columns Selection, View and Channel
    with the times and the frequencies. `Begin Path` and `File Offset (s)` let
    it open the recording with the table. It shows other columns as annotations.

    Args:
        path: the file.
        source: the recording.
        rows: its detections.
        band_hz: the lowest and the highest frequency of every selection. The
            model does not locate a class in frequency, so this is the band
            that it uses.
        at_once: as in `write_table`.
    """
    source = pathlib.Path(source)
    columns = [
        "Selection",
        "View",
        "Channel",
        "Begin Time (s)",
        "End Time (s)",
        "Low Freq (Hz)",
        "High Freq (Hz)",
        "Begin Path",
        "Begin File",
        "File Offset (s)",
        "Task",
        "Class",
        "Score",
        "Padded",
    ]
    with _open(path, at_once) as file:
        file.write("\t".join(columns) + "\n")
        for number, row in enumerate(rows, start=1):
            values = [
                number,
                "Spectrogram 1",
                1,
                f"{row.start_s:.6f}",
                f"{row.end_s:.6f}",
                # With a decimal, as Raven does: some readers need it.
                f"{band_hz[0]:.1f}",
                f"{band_hz[1]:.1f}",
                text(os.path.abspath(source)),
                text(source.name),
                f"{row.start_s:.6f}",
                row.task,
                row.label,
                f"{row.score:.6f}",
                "true" if row.padded else "false",
            ]
            file.write("\t".join(map(_one_cell, values)) + "\n")


def write_audacity(
    path: _Path,
    rows: collections.abc.Iterable[Detection],
    with_task: bool = False,
    at_once: bool = False,
) -> None:
    """Writes labels that Audacity imports (File > Import > Labels).

    A line is the start, the end and the text, separated by tabs. It is UTF-8
    with a decimal point, and there is no header. The text is the class with
    its score, and "(padded)" if zeros fill the end of the window.

    Args:
        path: the file.
        rows: the detections of one recording.
        with_task: whether the text begins with the task.
        at_once: as in `write_table`.
    """
    with _open(path, at_once) as file:
        for row in rows:
            label = f"{row.task}: {row.label}" if with_task else row.label
            label += f" {row.score:.2f}{' (padded)' if row.padded else ''}"
            file.write(
                f"{row.start_s:.6f}\t{row.end_s:.6f}\t{_one_cell(label)}\n"
            )


def _one_cell(value: object) -> str:
    """The text of a cell: a tab or a line end would break the table."""
    return " ".join(str(value).splitlines()).replace("\t", " ")


def text(path: _Path) -> str:
    """A path as text that every format can hold.

    File names are bytes. A `?` replaces what is not UTF-8.
    """
    return os.fspath(path).encode("utf-8", "replace").decode("utf-8")


def targets(
    output: _Path, kind: str, names: list[pathlib.PurePath]
) -> list[pathlib.Path]:
    """The output file of each recording, for Raven and Audacity.

    Args:
        output: a file ending in .txt, for a single recording; else a folder.
        kind: a key of `PER_RECORDING`.
        names: of the recordings, below their folder. A file in the output
            folder has the same name, with a suffix added.

    Raises:
        UserError: if several recordings would have the same file.
    """
    output = pathlib.Path(output)
    if output.suffix.lower() == ".txt":
        if len(names) > 1:
            raise UserError(
                f"--format {kind} writes a file per recording, but --output "
                f"{output} is one file for {len(names)} recordings; give a "
                "folder"
            )
        return [output]
    files: dict[pathlib.Path, None] = {}
    for name in names:
        file = output / name.with_name(name.name + PER_RECORDING[kind])
        if file in files:
            raise UserError(
                f"two recordings are called {name}; predict their folders "
                "one by one, each with its own --output"
            )
        files[file] = None
    return list(files)
