"""runs.csv: every run of a sweep with all its numbers, written and read.

Work directories are large, and tables and figures need little of them. A row
replaces a work directory that was deleted. So a sweep can be kept as its
plan.json and its runs.csv.
"""

from __future__ import annotations

import math
import os
import pathlib
from typing import Any

from audio_diffstride.errors import UserError
from audio_diffstride.files import csv_files
from audio_diffstride.sweep import results
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.results import Result

FILE = "runs.csv"
_REMEDY = "restore the file, or run the sweep again"
_ACCURACY, _DATA, _STRIDE = "_accuracy", "_data", "_stride"
_FOLDING, _RECORDINGS = "_folding", "_recordings"
_TRAINING, _PRECISION = "_training_accuracy", "_average_precision"


def rows(found: list[Result]) -> list[dict[str, Any]]:
    """One row per run, {column: value}."""
    tasks = dict.fromkeys(
        (t, _PRECISION if t in r.several_labels else _ACCURACY)
        for r in found
        for t in r.accuracies
    )
    places = dict.fromkeys(p for r in found for p in r.strides)
    folded = dict.fromkeys(p for r in found for p in r.folding)
    fields = dict.fromkeys(f for r in found for f in r.run.varied)
    fitted = dict.fromkeys(t for r in found for t in r.training_accuracies)
    counted = dict.fromkeys(t for r in found for t in r.num_recordings)
    return [
        {
            "name": result.run.name,
            "arm": result.run.arm,
            "strides": result.run.strides,
            **{field: result.run.varied[field] for field in fields},
            "seed": result.run.seed,
            **{t + end: result.accuracies.get(t, "") for t, end in tasks},
            "complexity": result.complexity,
            "multiply_adds": result.multiply_adds,
            "training_s": result.training_s,
            "striding_factor": result.striding_factor,
            **{p + _STRIDE: result.strides.get(p, "") for p in places},
            **{t + _DATA: result.origin.get(t, "") for t, _ in tasks},
            **{p + _FOLDING: result.folding.get(p, "") for p in folded},
            **{
                t + _RECORDINGS: result.num_recordings.get(t, "")
                for t in counted
            },
            **{
                t + _TRAINING: result.training_accuracies.get(t, "")
                for t in fitted
            },
        }
        for result in found
    ]


def collect(
    folder: str | os.PathLike[str], runs: list[PlannedRun], split: str
) -> list[Result]:
    """The results of a sweep, from its work directories or its runs.csv.

    Args:
        folder: of the sweep.
        runs: of its plan.
        split: that the runs were evaluated on.
    """
    path = pathlib.Path(folder) / f"results_{split}" / FILE
    return results.collect(folder, runs, split, read(path, runs))


def read(path: pathlib.Path, runs: list[PlannedRun]) -> dict[str, Result]:
    """{name: result} of the runs that have a row. Empty without a file.

    Args:
        path: of a runs.csv.
        runs: of the plan. Rows of other runs are left out.

    Raises:
        UserError: if the file is damaged.
    """
    try:
        table = csv_files.read(path, ["name", "arm", "seed"], _REMEDY)
    except FileNotFoundError:
        return {}
    planned = {run.name: run for run in runs}
    return {
        row["name"]: _result(path, row, planned[row["name"]])
        for row in table
        if row["name"] in planned
    }


def _result(path: pathlib.Path, row: dict[str, str], run: PlannedRun) -> Result:
    def number(column: str, at_least: float = 0.0) -> float:
        value = csv_files.number(path, row, column, _REMEDY)
        if not at_least <= value < math.inf:
            raise UserError(
                f"{path} is damaged: {column} of {run.name} is "
                f"{row[column] or 'empty'}; {_REMEDY}"
            )
        return value

    for column in ("complexity", "multiply_adds", "training_s"):
        if column not in row:
            raise UserError(
                f"{path} is damaged: it has no column {column}; {_REMEDY}"
            )
    tasks = {
        column.removesuffix(end): end
        for end in (_ACCURACY, _PRECISION)
        for column, text in row.items()
        if column.endswith(end) and not column.endswith(_TRAINING) and text
    }
    if (row["arm"], row["seed"]) != (run.arm, str(run.seed)) or not tasks:
        raise UserError(
            f"{path} is damaged: its row of {run.name} is not of that run; "
            f"{_REMEDY}"
        )
    return Result(
        run,
        {task: number(task + end) for task, end in tasks.items()},
        {task: row.get(task + _DATA, "") for task in tasks},
        number("complexity"),
        int(number("multiply_adds")),
        number("training_s") if row["training_s"] else None,
        {
            column.removesuffix(_STRIDE): number(column, at_least=1 - 1e-6)
            for column, text in row.items()
            if column.endswith(_STRIDE) and text
        },
        {
            column.removesuffix(_FOLDING): number(column)
            for column, text in row.items()
            if column.endswith(_FOLDING) and text
        },
        {
            column.removesuffix(_RECORDINGS): int(number(column))
            for column, text in row.items()
            if column.endswith(_RECORDINGS) and text
        },
        {
            column.removesuffix(_TRAINING): number(column)
            for column, text in row.items()
            if column.endswith(_TRAINING) and text
        },
        tuple(task for task, end in tasks.items() if end == _PRECISION),
    )
