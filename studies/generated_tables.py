"""Writes the tables of a page, which a command makes from kept runs."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from audio_diffstride.files import atomic
from audio_diffstride.terminal.text_table import aligned, to_markdown


def write(
    path: pathlib.Path, tables: Sequence[list[list[str]]], note: str = ""
) -> None:
    """Writes tables as Markdown, and prints them.

    Args:
        path: of the file.
        tables: each with its header as the first line.
        note: below the tables.
    """
    below = [note, ""] if note else []
    atomic.write_text(path, "\n".join([*map(to_markdown, tables), *below]))
    for lines in tables:
        print(*aligned(lines), "", sep="\n")
