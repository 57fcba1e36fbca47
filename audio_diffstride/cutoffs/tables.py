"""The cut-offs of one or several runs as tables: text, CSV and JSON."""

from __future__ import annotations

import os
import pathlib
import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from audio_diffstride.files import atomic
from audio_diffstride.runs import layout

Rows = list[dict[str, Any]]


def summarise(runs: Iterable[Rows]) -> Rows:
    """Mean and sample standard deviation over the reports of several runs.

    Every numeric column becomes its mean. `<column>_sd` beside it is the
    standard deviation, or None for a single run. The paper's table summarises
    the quantised cut-offs of three runs.

    Args:
        runs: what `report` returns, for each run.
    """
    summary = []
    for rows in zip(*runs):
        row: dict[str, Any] = {"runs": len(rows)}
        for column, first in rows[0].items():
            values = [r[column] for r in rows]
            if isinstance(first, bool) or not isinstance(first, (int, float)):
                row[column] = first
                continue
            row[column] = statistics.mean(values)
            several = len(values) > 1
            row[f"{column}_sd"] = statistics.stdev(values) if several else None
        summary.append(row)
    return summary


def table_cells(summary: Rows) -> list[list[str]]:
    """A summary as text: the header, then a line per block and axis."""
    columns: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "layer": lambda r: f"{r['block']} {r['axis']}",
        "stride": lambda r: _number(r, "stride", 2),
        "cut-off": lambda r: _number(r, "cutoff"),
        "in bins": lambda r: _number(r, "quantised_cutoff"),
        "flat to": lambda r: _number(r, "flat"),
        "-6 dB at": lambda r: _number(r, "half"),
        "zero from": lambda r: _number(r, "zero"),
        "unit": lambda r: r["unit"],
        "size": lambda r: (
            f"{_number(r, 'input_size', 0)} -> {_number(r, 'output_size', 0)}"
        ),
        "M/N": lambda r: f"{r['decimation']:.2f}",
    }
    if any(row["folded_channels"] for row in summary):
        columns["folded back"] = _folded
    return [list(columns)] + [
        [cell(row) for cell in columns.values()] for row in summary
    ]


def _folded(row: Mapping[str, Any]) -> str:
    share = _number(row, "folding", 2)
    return f"{share} of half" if row["folded_channels"] == "half" else share


def format_table(summary: Rows) -> str:
    """A summary as a table for a terminal."""
    cells = table_cells(summary)
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip()
        for line in cells
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def _number(
    row: Mapping[str, Any], column: str, digits: int | None = None
) -> str:
    value, std = row[column], row.get(f"{column}_sd")
    if value is None:
        return "-"
    if digits is None:
        digits = 2 if row["unit"] == "Hz" else 4
    text = f"{value:.{digits}f}"
    return f"{text} ± {std:.{digits or 1}f}" if std else text


def write(reports: Mapping[str, Rows], folder: str | os.PathLike[str]) -> None:
    """Writes cutoffs.csv (the summary) and cutoffs.json (every run too).

    Args:
        reports: {run: what `report` returns}.
        folder: where the files go.
    """
    folder = pathlib.Path(folder)
    summary = summarise(reports.values())
    content = {"summary": summary, "runs": reports}
    atomic.write_json(folder / layout.CUTOFFS, content)
    atomic.write_rows(folder / layout.CUTOFFS_TABLE, summary)
