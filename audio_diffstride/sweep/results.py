"""What the finished runs of a sweep came to, from their work directories."""

from __future__ import annotations

import dataclasses
import datetime
import math
import pathlib

from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files
from audio_diffstride.runs import layout, provenance
from audio_diffstride.runs.loading import load_config
from audio_diffstride.sweep import costs
from audio_diffstride.sweep.plan import PlannedRun


@dataclasses.dataclass(frozen=True)
class Result:
    """One run that was trained to its end and evaluated.

    Attributes:
        run: as planned.
        accuracies: {task: accuracy in %}.
        origin: {task: what it was evaluated on, in words}.
        complexity: J of Eq. 6 of the model that was evaluated.
        multiply_adds: of one window through it.
        training_s: how long it took, or None if it was interrupted.
        strides: {place_axis: stride} of the model that was evaluated.
    """

    run: PlannedRun
    accuracies: dict[str, float]
    origin: dict[str, str]
    complexity: float
    multiply_adds: int
    training_s: float | None
    strides: dict[str, float]

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
        """{place_axis: stride} of the first place, an axis each."""
        first = next(iter(self.strides), "").split("_")[0]
        return {
            name: stride
            for name, stride in self.strides.items()
            if name.split("_")[0] == first
        }


def collect(
    folder,
    runs: list[PlannedRun],
    split: str,
    kept: dict[str, Result] | None = None,
) -> list[Result]:
    """The results that are there, in the order of the plan.

    Args:
        folder: of the sweep.
        runs: of its plan.
        split: that they were evaluated on.
        kept: {name: result} of runs, for those whose work directory is gone.

    Raises:
        UserError: for a damaged file, or a run that is not as planned.
    """
    results, kept = [], kept or {}
    for run in runs:
        workdir = pathlib.Path(folder) / run.name
        if run.name in kept and not workdir.exists():
            results.append(kept[run.name])
        elif provenance.is_finished(workdir):
            evaluation = score_files.read(workdir, split)
            if evaluation is not None:
                _check_as_planned(workdir, run)
                results.append(_result(workdir, run, evaluation["tasks"]))
    return results


def _result(workdir, run: PlannedRun, tasks: dict) -> Result:
    cost = costs.of_run(workdir)
    return Result(
        run,
        {task: 100 * scores["accuracy"] for task, scores in tasks.items()},
        {
            task: f"{_shown(scores['data'])}, "
            f"{scores['split_name']} split, {scores['recordings']} recordings"
            for task, scores in tasks.items()
        },
        cost["complexity"],
        cost["multiply_adds"],
        _training_s(workdir),
        cost["strides"],
    )


def _shown(data: str) -> str:
    """A data set's name, or the end of its path.

    >>> _shown("tones"), _shown("recordings/birds/manifest.csv")
    ('tones', 'birds/manifest.csv')
    """
    return "/".join(pathlib.Path(data).parts[-2:])


def _check_as_planned(workdir, run: PlannedRun):
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


def _training_s(workdir) -> float | None:
    run = provenance.read(workdir)
    if len(run["starts"]) != 1:
        return None  # who knows how long it lay still
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
