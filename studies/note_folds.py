"""Writes the folds of the notes: one instrument of each family in each fold.

    python -m studies.note_folds notes/manifest.csv notes/folds.csv

The CSV gets the columns path, instrument, pitch and group. The group of a note
is the rank of its instrument among those of its family. File names begin with
the instrument: bass_032-036-120.flac.
"""

from __future__ import annotations

import argparse
import csv
from typing import Any

from audio_diffstride.files import atomic


def folds(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The rows of a manifest of notes, each with its group.

    >>> [row["group"] for row in folds([
    ...     {"path": "a_7-1.flac", "instrument": "a", "pitch": "1"},
    ...     {"path": "a_9-1.flac", "instrument": "a", "pitch": "1"},
    ...     {"path": "b_8-1.flac", "instrument": "b", "pitch": "1"}])]
    ['fold1', 'fold2', 'fold1']
    """
    played: dict[str, set[str]] = {}
    for row in rows:
        played.setdefault(row["instrument"], set()).add(_instrument(row))
    return [
        {
            **{name: row[name] for name in ("path", "instrument", "pitch")},
            "group": f"fold{_rank(row, played[row['instrument']])}",
        }
        for row in rows
    ]


def _instrument(row: dict[str, str]) -> str:
    return row["path"].partition("-")[0]


def _rank(row: dict[str, str], of_family: set[str]) -> int:
    return sorted(of_family).index(_instrument(row)) + 1


def main() -> None:
    """Reads a manifest, and writes it with folds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest")
    parser.add_argument("output")
    args = parser.parse_args()
    with open(args.manifest, encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    atomic.write_rows(args.output, folds(rows))


if __name__ == "__main__":
    main()
