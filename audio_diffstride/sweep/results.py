"""The results of a sweep's finished runs, read from their work directories."""

from __future__ import annotations

import dataclasses
import datetime
import math
import os
import pathlib
from collections.abc import Iterable
from typing import Any

from audio_diffstride.config import config_fields
from audio_diffstride.datasets.kinds import SEVERAL_LABELS
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files, truth
from audio_diffstride.files import csv_files
from audio_diffstride.runs import layout, provenance
from audio_diffstride.runs.loading import load_config
from audio_diffstride.sweep import costs
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.terminal.notices import warn

# The score of a task, in words.
ACCURACY, PRECISION = "accuracy", "mean average precision"


@dataclasses.dataclass(frozen=True)
class Result:
    """One run that was trained to its last step and evaluated.

    Attributes:
        run: as planned.
        accuracies: {task: accuracy in %, or the mean average precision of a
            task with several labels}.
        origin: {task: data set, split and number of recordings, as text}.
        complexity: J of Eq. 6 of the evaluated model.
        multiply_adds: of the evaluated model, for one window or image.
        training_s: from start to end, or None if it was interrupted.
        strides: {place_axis: stride} of the evaluated model.
        folding: {place_axis: share that is folded back}, if anything folds.
        num_recordings: {task: recordings it was tested on}; empty for results
            that were kept before they were counted.
        training_accuracies: {task: accuracy in % on the random windows of the
            last epoch}; empty for results that were kept without them.
        several_labels: the tasks that have them.
    """

    run: PlannedRun
    accuracies: dict[str, float]
    origin: dict[str, str]
    complexity: float
    multiply_adds: int
    training_s: float | None
    strides: dict[str, float]
    folding: dict[str, float] = dataclasses.field(default_factory=dict)
    num_recordings: dict[str, int] = dataclasses.field(default_factory=dict)
    training_accuracies: dict[str, float] = dataclasses.field(
        default_factory=dict
    )
    several_labels: tuple[str, ...] = ()

    def score_name(self, tasks: Iterable[str] | None = None) -> str:
        """What `accuracies` holds of some tasks, or of all, in words."""
        names = {
            PRECISION if task in self.several_labels else ACCURACY
            for task in tasks or self.accuracies
        }
        return names.pop() if len(names) == 1 else "score"

    @property
    def accuracy(self) -> float:
        """The mean over the tasks, in %."""
        return sum(self.accuracies.values()) / len(self.accuracies)

    @property
    def striding_factor(self) -> float:
        """The product of all strides."""
        return math.prod(self.strides.values())

    @property
    def first_strides(self) -> dict[str, float]:
        """{place_axis: stride} of the axes of the first place."""
        first = next(iter(self.strides), "").split("_")[0]
        return {
            name: stride
            for name, stride in self.strides.items()
            if name.split("_")[0] == first
        }


def collect(
    folder: str | os.PathLike[str],
    runs: list[PlannedRun],
    split: str,
    kept: dict[str, Result] | None = None,
) -> list[Result]:
    """The results that exist, in the order of the plan.

    Args:
        folder: of the sweep.
        runs: of its plan.
        split: that the runs were evaluated on.
        kept: {name: result}, for runs without a work directory.

    Raises:
        UserError: for a damaged file, or a run that is not as planned.
    """
    results, kept = [], kept or {}
    evaluations = []
    for run in runs:
        workdir = pathlib.Path(folder) / run.name
        if run.name in kept and not workdir.exists():
            results.append(kept[run.name])
        elif provenance.is_finished(workdir):
            evaluation = score_files.read(workdir, split)
            if evaluation is not None:
                _check_as_planned(workdir, run)
                evaluations.append((run.name, evaluation["tasks"]))
                results.append(_result(workdir, run, evaluation["tasks"]))
    for sentence in truth.find_differing(evaluations):
        warn(sentence)
    return results


def _result(
    workdir: pathlib.Path, run: PlannedRun, tasks: dict[str, Any]
) -> Result:
    cost = costs.read_or_measure(workdir)
    return Result(
        run,
        {t: 100 * score_files.headline(s)[1] for t, s in tasks.items()},
        {
            task: f"{_data_name(scores['data'])}, "
            f"{scores['split_name']} split, {scores['recordings']} recordings"
            for task, scores in tasks.items()
        },
        cost["complexity"],
        cost["multiply_adds"],
        _training_s(workdir),
        cost["strides"],
        cost.get("folding", {}),
        {task: scores["recordings"] for task, scores in tasks.items()},
        _training_accuracies(workdir, [*tasks]),
        tuple(
            task
            for task, scores in tasks.items()
            if score_files.kind_of(scores) is SEVERAL_LABELS
        ),
    )


def _training_accuracies(
    workdir: pathlib.Path, tasks: list[str]
) -> dict[str, float]:
    try:
        history = csv_files.read_numbers(
            workdir / layout.HISTORY, ["epoch"], "restore it, or delete it"
        )
    except FileNotFoundError:
        return {}
    columns = {
        task: f"{task}_accuracy" if len(tasks) > 1 else "accuracy"
        for task in tasks
    }
    return {
        task: 100 * history[column][-1]
        for task, column in columns.items()
        if history.get(column)
    }


def _data_name(data: str) -> str:
    """The name of a data set, or the end of its path.

    >>> _data_name("tones"), _data_name("recordings/birds/manifest.csv")
    ('tones', 'birds/manifest.csv')
    """
    return "/".join(pathlib.Path(data).parts[-2:])


def _check_as_planned(workdir: pathlib.Path, run: PlannedRun) -> None:
    config = load_config(workdir, [*run.fields]).to_dict()
    values = config_fields.flatten(config)
    planned_values = config_fields.check(run.fields, run.name, required=())
    for field, planned in planned_values.items():
        value = values.get(field)
        if field not in config_fields.FIELDS or value != planned:
            raise UserError(
                f"{workdir} holds a run with {field} = {value!r}, but the plan "
                f"has {planned!r}; move it away, and run the sweep again"
            )


def _training_s(workdir: pathlib.Path) -> float | None:
    run = provenance.read(workdir)
    if run is None or len(run["starts"]) != 1:
        return None  # The time between an interruption and a resume is unknown.
    try:
        begin, end = (
            datetime.datetime.fromisoformat(date)
            for date in (run["starts"][0]["date"], run["finished"])
        )
        return (end - begin).total_seconds()
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{workdir}/{layout.PROVENANCE} is damaged: {error}; "
            f"{provenance.REMEDY}"
        ) from error
