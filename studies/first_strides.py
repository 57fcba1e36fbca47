"""The strides that the first block learns, task by task (Table 2)."""

from __future__ import annotations

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.sweep.comparison import Pair, sign_flip_p
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import mean_and_std


def table(rows: dict[str, list[Result]]) -> list[list[str]]:
    """One line per axis and arm that learns strides, one column per row.

    Args:
        rows: {title: results of a sweep}.
    """
    learned = {title: _learned(found) for title, found in rows.items()}
    keys = dict.fromkeys(key for row in learned.values() for key in row)
    lines = [["First strides", "Axis", *rows]]
    for arm, axis in sorted(keys, key=lambda key: [*ARMS].index(key[0])):
        lines.append(
            [ARMS[arm].title, axis]
            + [
                mean_and_std([*row.get((arm, axis), {}).values()], 2)
                for row in learned.values()
            ]
        )
    return lines


def compare(
    rows: dict[str, list[Result]], title: str, other: str
) -> list[list[str]]:
    """One line per axis: the strides of one row less those of another.

    Runs of the same arm, setting and seed are paired.

    Args:
        rows: {title: results of a sweep}.
        title: of a row.
        other: title of the row that it is compared with.

    Raises:
        UserError: if the rows have no such pair.
    """
    learned, others = _learned(rows[title]), _learned(rows[other])
    differences: dict[str, list[float]] = {}  # by axis
    for (arm, axis), strides in learned.items():
        of_other = others.get((arm, axis), {})
        for pair, stride in strides.items():
            if pair in of_other:
                of_axis = differences.setdefault(axis, [])
                of_axis.append(stride - of_other[pair])
    if not differences:
        raise UserError(
            f"--compare_strides {title!r} {other!r}: no two runs that learn "
            "strides have the same arm, setting and seed; give rows that have"
        )
    lines = [["First strides", "Axis", "Difference", "Lower", "p"]]
    for axis, values in differences.items():
        lower = sum(value < 0 for value in values)
        lines.append(
            [f"{title} less {other}", axis]
            + [mean_and_std(values, 2, sign="+")]
            + [f"{lower} of {len(values)}", f"{sign_flip_p(values):.2g}"]
        )
    return lines


def _learned(
    found: list[Result],
) -> dict[tuple[str, str], dict[Pair, float]]:
    """{(arm, axis): {(setting, seed): stride}} of runs that learn them."""
    strides: dict[tuple[str, str], dict[Pair, float]] = {}
    for result in found:
        if result.run.learns_strides:
            for place, stride in result.first_strides.items():
                key = (result.run.arm, place.partition("_")[2])
                of_run = strides.setdefault(key, {})
                of_run[result.run.pair] = stride
    return strides
