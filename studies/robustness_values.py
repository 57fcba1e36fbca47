"""What `robustness` wrote, as values of arms and folds that can be compared."""

from __future__ import annotations

import os
import pathlib
import statistics
from collections.abc import Callable
from typing import Any

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.files import csv_files
from audio_diffstride.sweep.comparison import sign_flip_p
from studies.sound_changes import CHANGES, UNCHANGED

BASELINE = "strided_conv"

Row = dict[str, Any]
# {arm: {fold and seed: {change or hops: value in %}}}
Values = dict[str, dict[tuple[str, ...], dict[str, float]]]
_NUMBERS = ("right", "recordings", "windows", "changed", "margin_change")
_NOT_OF_A_FOLD = ("name", "arm", "task", "change", "hops", *_NUMBERS)
_REMEDY = "delete it, and measure again"


def paths(
    folder: str | os.PathLike[str], sweep: str
) -> tuple[pathlib.Path, pathlib.Path]:
    """The files of a sweep: decisions on changed sound, changes by shifts."""
    folder = pathlib.Path(folder)
    return (
        folder / f"robustness_{sweep}.csv",
        folder / f"robustness_{sweep}_shifts.csv",
    )


def read_rows(path: pathlib.Path) -> list[Row]:
    """The rows of one of these files; none if it is not there.

    Raises:
        UserError: if it is damaged.
    """
    try:
        return [*csv_files.read(path, ("name", "arm", "task"), _REMEDY)]
    except FileNotFoundError:
        return []


def read(folder: str, sweep: str) -> tuple[list[Row], list[Row]]:
    """The rows of both files of a sweep.

    Raises:
        UserError: if they are not there or damaged, lack strided convolution,
            or are of several tasks.
    """
    found = []
    for path, key in zip(paths(folder, sweep), ("change", "hops")):
        rows = read_rows(path)
        if BASELINE not in {row["arm"] for row in rows}:
            raise UserError(
                f"{path} has no run of {BASELINE}; measure the sweep by "
                "python -m studies.robustness"
            )
        if len({row["task"] for row in rows}) > 1:
            raise UserError(f"{path} has several tasks; give another sweep")
        _check_complete(path, rows, key)
        for row in rows:
            for column in {*_NUMBERS} & {*row}:
                row[column] = csv_files.number(path, row, column, _REMEDY)
        found.append(rows)
    return found[0], found[1]


def _check_complete(path: pathlib.Path, rows: list[Row], key: str) -> None:
    """Every run has the same changes or hops."""
    keys: dict[str, set[str]] = {}
    for row in rows:
        keys.setdefault(row["name"], set()).add(row[key])
    expected = {*CHANGES} if key == "change" else set().union(*keys.values())
    for name, of_run in keys.items():
        if of_run != expected:
            raise UserError(f"{path} is damaged: {name} lacks a row; {_REMEDY}")


def accuracies(rows: list[Row]) -> Values:
    """The accuracy of each run, by the change of the sound."""
    return _by_run(rows, "change", lambda row: row["right"] / row["recordings"])


def shifted(rows: list[Row], column: str) -> Values:
    """A column of `shifts.steadiness` of each run, by the number of hops."""
    return _by_run(rows, "hops", lambda row: row[column])


def _by_run(
    rows: list[Row],
    key: str,
    value: Callable[[Row], float],
) -> Values:
    found: Values = {}
    for row in rows:
        fold = tuple(row[name] for name in row if name not in _NOT_OF_A_FOLD)
        of_arm = found.setdefault(row["arm"], {})
        of_arm.setdefault(fold, {})[row[key]] = 100 * value(row)
    return {arm: found[arm] for arm in ARMS if arm in found}


def losses(values: Values) -> Values:
    """Accuracies as the sound is, as a mean of all changes, what is lost."""
    found: Values = {}
    for arm, of_arm in values.items():
        for fold, of_changes in of_arm.items():
            plain = of_changes[UNCHANGED]
            changed = statistics.mean(
                of_changes[name] for name in CHANGES if name != UNCHANGED
            )
            found.setdefault(arm, {})[fold] = {
                "plain": plain,
                "changed": changed,
                "lost": plain - changed,
            }
    return found


def mean(values: Values, arm: str, key: str) -> float:
    """The mean over the folds of an arm, each as one."""
    return statistics.mean(each[key] for each in values[arm].values())


def over_baseline(values: Values, arm: str, key: str) -> list[float]:
    """An arm's values less those of strided convolution, fold by fold."""
    base = values[BASELINE]
    return [
        of_fold[key] - base[fold][key]
        for fold, of_fold in values[arm].items()
        if fold in base
    ]


def points(differences: list[float]) -> str:
    """A mean difference and its standard error.

    >>> points([1.0, 3.0])
    '+2.0 ± 1.0'
    """
    text = f"{statistics.mean(differences):+.1f}"
    if len(differences) > 1:
        error = statistics.stdev(differences) / len(differences) ** 0.5
        text += f" ± {error:.1f}"
    return text


def compare(values: Values, arm: str, key: str) -> tuple[str, str]:
    """The difference from strided convolution, and its p; empty for itself."""
    if arm == BASELINE:
        return "", ""
    differences = over_baseline(values, arm, key)
    return points(differences), f"{sign_flip_p(differences):.2g}"
