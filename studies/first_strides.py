"""Where the strides of the first block go, task by task (Table 2)."""

from __future__ import annotations

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.sweep.comparison import sign_flip_p
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import mean_and_std


def table(rows: dict[str, list[Result]]) -> list[list[str]]:
    """A line per arm that learns strides and axis, a column per row.

    Args:
        rows: {title: results of a sweep}.
    """
    learned = {title: _learned(found) for title, found in rows.items()}
    keys = dict.fromkeys(k for of_row in learned.values() for k in of_row)
    lines = [["First strides", "Axis", *rows]]
    for arm, axis in sorted(keys, key=lambda key: [*ARMS].index(key[0])):
        lines.append(
            [ARMS[arm].title, axis]
            + [
                mean_and_std([*of_row.get((arm, axis), {}).values()], 2)
                for of_row in learned.values()
            ]
        )
    return lines


def compare(
    rows: dict[str, list[Result]], title: str, other: str
) -> list[list[str]]:
    """A line per axis: strides of one row less those of another.

    The pairs are runs of the same arm, setting and seed.

    Args:
        rows: {title: results of a sweep}.
        title: of one of them.
        other: of the one that it is compared with.

    Raises:
        UserError: if they have no such pair.
    """
    one, two = _learned(rows[title]), _learned(rows[other])
    differences = {}
    for arm, axis in one:
        of_other = two.get((arm, axis), {})
        for run, stride in one[arm, axis].items():
            if run in of_other:
                of_axis = differences.setdefault(axis, [])
                of_axis.append(stride - of_other[run])
    if not differences:
        raise UserError(
            f"--compare_strides {title!r} {other!r}: no two runs that learn "
            "strides have the same arm, setting and seed"
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


def _learned(found: list[Result]) -> dict[tuple, dict[tuple, float]]:
    """{(arm, axis): {(setting, seed): stride}} of runs that learn them."""
    strides = {}
    for result in found:
        if result.run.learns_strides:
            for place, stride in result.first_strides.items():
                key = (result.run.arm, place.partition("_")[2])
                of_run = strides.setdefault(key, {})
                of_run[result.run.setting, result.run.seed] = stride
    return strides
