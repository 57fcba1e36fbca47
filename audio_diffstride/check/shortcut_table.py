"""What the examination for shortcuts found, for a terminal."""

from __future__ import annotations

from audio_diffstride.datasets.kinds import ONE_LABEL, Kind
from audio_diffstride.shortcuts import wording
from audio_diffstride.shortcuts.examination import Examination, Row
from audio_diffstride.terminal import text_table

_HEADER = ("trait", "tells the class", "sets apart", "shortcut?", "which")


def describe(
    task: str, examination: Examination | None, kind: Kind = ONE_LABEL
) -> list[str]:
    """The lines of one task.

    Args:
        task: its name.
        examination: of its recordings; None if there are too few.
        kind: of the task.
    """
    title = f"shortcuts of {task}"
    which = "" if kind is ONE_LABEL else " with a single label"
    if examination is None:
        counted = which and f"; only recordings{which} count"
        return [f"{title}: {wording.TOO_FEW}{counted}"]
    lines = [
        f"{title}, by {examination.num_recordings:,} training recordings"
        f"{which}",
        *(f"  {line}" for line in wording.summarize(examination)),
    ]
    if examination.rows:
        cells = [_HEADER, *map(_cells, examination.rows)]
        lines += [f"  {line}" for line in _aligned(cells)]
    if examination.equal:
        lines.append(f"  equal in all: {', '.join(examination.equal)}")
    return lines


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.trait,
        f"{row.told:.0%}",
        f"{row.share:.0%}",
        wording.verdict(row),
        wording.which(row),
    )


def _aligned(cells: list[tuple[str, ...]]) -> list[str]:
    """The lines of a table whose last two columns are text."""
    *numbers, verdicts, texts = zip(*cells)
    lines = text_table.aligned([list(line) for line in zip(*numbers)])
    width = max(map(len, verdicts))
    ends = [f"  {v.ljust(width)}  {t}" for v, t in zip(verdicts, texts)]
    header, rule, *rows = lines
    whole = [line + end for line, end in zip([header, *rows], ends)]
    rule = "-" * max(len(line.rstrip()) for line in whole)
    return [line.rstrip() for line in [whole[0], rule, *whole[1:]]]
