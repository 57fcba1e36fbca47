"""Tables of learned cut-offs: tasks, blocks, differences and augmentations."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterator

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.sweep.comparison import Pair
from audio_diffstride.sweep.results import Result
from studies import cutoff_values as values
from studies import demo_cutoffs
from studies.cutoff_values import AXES, Interval

Rows = dict[str, list[Result]]
DEMO = "One network for five tasks (demo)"
START = "Start"
BLOCK_ARMS = ("outside", "folding", "folding-after-relu", "folding-low-cost")
_TIME, _FREQUENCY = "Along time, Hz", "Along frequency, cycles/band"
_DIGITS = {"time": 1, "frequency": 3}


@dataclasses.dataclass(frozen=True)
class Change:
    """How much higher cut-offs are in one place than in another.

    Attributes:
        title: of the two places.
        arms: in words.
        paired: whether runs of the same arm, fold and seed were subtracted.
        changes: {axis: what is added to the first cut-off}.
    """

    title: str
    arms: str
    paired: bool
    changes: dict[str, Interval]


def cell(found: Interval, axis: str, sign: str = "") -> str:
    """A mean and half of its interval.

    >>> cell(Interval(25.04, half_width=3.06), "time")
    '25.0 ± 3.1'
    """
    digits = _DIGITS[axis]
    text = f"{found.mean:{sign}.{digits}f}"
    if found.half_width is not None:
        text += f" ± {found.half_width:.{digits}f}"
    return text


def first(results: list[Result], arm: str, axis: str) -> Interval:
    """The cut-off of the first block of an arm."""
    return values.interval(
        values.independent(values.first_cutoffs(results, arm, axis))
    )


def num_runs(results: list[Result], arm: str) -> int:
    """The number of runs of an arm."""
    return sum(r.run.arm == arm for r in results)


def tasks(rows: Rows, demo: dict[str, list[float]]) -> Iterator[list[str]]:
    """One line per row and arm: the cut-off of the first block."""
    yield ["First cut-off", "Arm", "Runs", "n", _TIME, _FREQUENCY]
    for title, results in rows.items():
        for arm in values.learning_arms(results):
            found = {axis: first(results, arm, axis) for axis in AXES}
            yield [
                title,
                ARMS[arm].title,
                str(num_runs(results, arm)),
                str(found["time"].count),
                *(cell(of_axis, axis) for axis, of_axis in found.items()),
            ]
    alone = [cell(Interval(demo[a][0]), a) for a in AXES]
    yield [DEMO, ARMS[demo_cutoffs.ARM].title, "1", "1", *alone]


def in_blocks(results: list[Result], arm: str, axis: str) -> list[Interval]:
    """The cut-off of every block of an arm, in units of the spectrogram."""
    of_runs = [
        (r.run.pair, values.blocks_of(r, axis))
        for r in results
        if r.run.arm == arm
    ]
    by_block = zip(*(blocks for _, blocks in of_runs))
    return [
        values.interval(
            values.independent(dict(zip((k for k, _ in of_runs), block)))
        )
        for block in by_block
    ]


def start_blocks(rows: Rows, arm: str, axis: str) -> list[float]:
    """The cut-off of every block before training.

    Args:
        rows: {title: results}. A run of fixed strides has the initial ones.
        arm: whose transition band sets the sizes.
        axis: "time" or "frequency".

    Raises:
        UserError: if no run has fixed strides.
    """
    for results in rows.values():
        for result in results:
            if not result.run.learns_strides:
                strides = values.strides_along(result, axis)
                return values.by_block(strides, arm, axis)
    raise UserError(
        "no --row has a run of fixed strides, where cut-offs start; give one"
    )


def blocks(rows: Rows, demo: dict[str, list[float]]) -> Iterator[list[str]]:
    """One line per arm, axis and row: the cut-off of every block."""
    numbers = range(1, len(demo["time"]) + 1)
    yield ["Cut-off by block", "Arm", "Axis", *(f"Block {n}" for n in numbers)]
    for arm in BLOCK_ARMS:
        for axis in AXES:
            lines = {
                title: in_blocks(results, arm, axis)
                for title, results in rows.items()
            }
            start = start_blocks(rows, arm, axis)
            lines[START] = [Interval(v) for v in start]
            if arm == demo_cutoffs.ARM:
                lines[DEMO] = [Interval(v) for v in demo[axis]]
            for title, found in lines.items():
                if found:
                    yield [title, ARMS[arm].title, axis] + [
                        cell(one, axis) for one in found
                    ]


def pair(rows: Rows, title: str, other: str) -> Iterator[Change]:
    """The difference of two rows in runs of the same arm, fold and seed.

    A last line is of the mean over arms that have the same folds and seeds.

    Raises:
        UserError: if no two runs are alike in that.
    """
    found: dict[frozenset[Pair], list[tuple[str, dict[str, dict]]]] = {}
    arms = values.learning_arms(rows[other])
    for arm in (a for a in values.learning_arms(rows[title]) if a in arms):
        by_axis = {}
        for axis in AXES:
            new, old = (
                values.first_cutoffs(rows[name], arm, axis)
                for name in (title, other)
            )
            by_axis[axis] = {k: v - old[k] for k, v in new.items() if k in old}
        if by_axis["time"]:
            keys = frozenset(by_axis["time"])
            found.setdefault(keys, []).append((arm, by_axis))
    if not found:
        raise UserError(
            f"{title!r} and {other!r} have no two runs that learn strides with "
            "the same arm, fold and seed; give others, or --compare rows"
        )
    for group in found.values():
        lines = [(ARMS[arm].title, by_axis) for arm, by_axis in group]
        if len(group) > 1:
            means = {
                axis: {
                    key: statistics.mean(of[axis][key] for _, of in group)
                    for key in group[0][1][axis]
                }
                for axis in AXES
            }
            lines.append((f"mean of these {len(group)}", means))
        for arms_text, by_axis in lines:
            yield Change(
                f"{title} less {other}",
                arms_text,
                True,
                {
                    axis: values.interval(values.independent(by_axis[axis]))
                    for axis in AXES
                },
            )


def compare(rows: Rows, title: str, other: str) -> Iterator[Change]:
    """The difference of two rows of other recordings, arm by arm.

    Raises:
        UserError: if they have no arm in common that learns strides.
    """
    of_other = values.learning_arms(rows[other])
    arms = [a for a in values.learning_arms(rows[title]) if a in of_other]
    if not arms:
        raise UserError(
            f"--compare {title!r} {other!r}: no arm that learns strides is in "
            "both; give other rows"
        )
    for arm in arms:
        changes = {}
        for axis in AXES:
            sides = (
                values.independent(values.first_cutoffs(rows[name], arm, axis))
                for name in (title, other)
            )
            changes[axis] = values.difference(*sides)
        yield Change(f"{title} less {other}", ARMS[arm].title, False, changes)


def augmentation(
    title: str, plain: list[Result], augmented: list[Result]
) -> Iterator[Change]:
    """What an augmentation adds to the first cut-off, arm by arm.

    Args:
        title: of the change.
        plain: results without it.
        augmented: results with it.
    """
    without = "its row without it"
    rows = {title: augmented, without: plain}
    for change in pair(rows, title, without):
        yield dataclasses.replace(change, title=title)


def differences(found: list[Change], title: str) -> Iterator[list[str]]:
    """One line per change; the title is that of the first column."""
    yield [title, "Arm", "Paired", "n", _TIME, _FREQUENCY]
    for change in found:
        yield [
            change.title,
            change.arms,
            "yes" if change.paired else "no",
            str(change.changes["time"].count),
            *(cell(change.changes[axis], axis, "+") for axis in AXES),
        ]
