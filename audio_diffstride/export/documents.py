"""A short document of headings, paragraphs, points and tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from audio_diffstride.errors import one_line


@dataclasses.dataclass(frozen=True)
class Heading:
    """A title; the first one of a document is its own."""

    text: str
    kind: str = "heading"


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """A few sentences."""

    text: str
    kind: str = "paragraph"


@dataclasses.dataclass(frozen=True)
class Points:
    """A list of remarks."""

    lines: Sequence[str]
    kind: str = "points"


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows of values below titles."""

    titles: Sequence[str]
    rows: Sequence[Sequence]
    kind: str = "table"


Part = Heading | Paragraph | Points | Table


def to_markdown(parts: Iterable[Part]) -> str:
    r"""Writes a document as Markdown; special characters are escaped.

    >>> print(to_markdown([Heading("a|b"), Points(["1", "2"])]), end="")
    # a\|b
    <BLANKLINE>
    - 1
    - 2
    """
    written: list[str] = []
    for part in parts:
        if isinstance(part, Heading):
            level = "##" if written else "#"
            written.append(f"{level} {_escape(part.text)}")
        elif isinstance(part, Paragraph):
            written.append(_escape(part.text))
        elif isinstance(part, Points):
            lines = [f"- {_escape(line)}" for line in part.lines]
            written.append("\n".join(lines))
        else:
            rule = ["---"] * len(part.titles)
            written.append(
                "\n".join(map(_row, [part.titles, rule, *part.rows]))
            )
    return "\n\n".join(written) + "\n"


def _row(cells: Sequence) -> str:
    return f"| {' | '.join(map(_escape, cells))} |"


def _escape(value: object) -> str:
    text = one_line(value).replace("\\", "\\\\")
    for character in "|<>*_`[]":
        text = text.replace(character, f"\\{character}")
    return text
