"""The tables of well-known data sets, used as they come.

To support another data set, add its layout to `LAYOUTS`.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Collection, Mapping


@dataclasses.dataclass(frozen=True)
class Layout:
    """How the table of a data set names what ours names otherwise.

    Attributes:
        name: of the data set.
        table: where the table lies, from the data set's folder.
        header: columns by which the table is recognised.
        columns: {our name: column}. A name that is not reserved is a task.
        audio: where a recording lies, from the folder of the table. Names in
            braces stand for the cells of these columns.
        remark: what else is good to know; it follows a semicolon.
    """

    name: str
    table: str
    header: tuple[str, ...]
    columns: Mapping[str, str]
    audio: str
    remark: str

    def audio_path(self, cells: Mapping[str, str]) -> str:
        """The path of a row's recording, from the folder of the table.

        >>> ESC_50.audio_path({"filename": "1-100032-A-0.wav"})
        '../audio/1-100032-A-0.wav'
        """
        return self.audio.format_map(cells)

    def describe(self) -> str:
        """What is read as what, in a line.

        >>> ESC_50.describe().partition(";")[0]
        'the table of ESC-50: task category, group fold, audio in ../audio/'
        """
        tasks = [n for n in self.columns if n not in ("path", "group")]
        audio = self.audio.partition("{")[0]
        return (
            f"the table of {self.name}: task {', '.join(tasks)}, group "
            f"{self.columns['group']}, audio in {audio}; {self.remark}"
        )


ESC_50 = Layout(
    name="ESC-50",
    table="meta/esc50.csv",
    header=("filename", "fold", "target", "category", "esc10", "src_file"),
    columns={"path": "filename", "group": "fold", "category": "category"},
    audio="../audio/{filename}",
    remark="for ESC-10 keep only the rows with True in the column esc10",
)
URBAN_SOUND_8K = Layout(
    name="UrbanSound8K",
    table="metadata/UrbanSound8K.csv",
    header=("slice_file_name", "fsID", "start", "end", "salience", "classID"),
    columns={"path": "slice_file_name", "group": "fold", "class": "class"},
    audio="../audio/fold{fold}/{slice_file_name}",
    remark="start and end are places in the original recordings, so they are "
    "not used",
)
LAYOUTS = (ESC_50, URBAN_SOUND_8K)


def of_header(header: Collection[str]) -> Layout | None:
    """The layout that a table's header belongs to, if there is one.

    A table with a column `path` is one of ours.
    """
    if "path" in header:
        return None
    for layout in LAYOUTS:
        if {*header} >= {*layout.header, *layout.columns.values()}:
            return layout
    return None


def table_in(folder: pathlib.Path) -> pathlib.Path | None:
    """The table in the folder of a known data set, if it is there."""
    for layout in LAYOUTS:
        if (folder / layout.table).is_file():
            return folder / layout.table
    return None
