"""Searches for the values of fields with the best validation score.

A trial is one set of values, trained and scored like any setting of a sweep.
The plan keeps every trial before it is trained, and its scores after that. So
a search that was killed continues with the same trials.
"""

from __future__ import annotations

import itertools
import math
import pathlib
from typing import Any

from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings import planned_data
from audio_diffstride.sweep import (
    cross_validation,
    plan_file,
    running,
    search_space,
)
from audio_diffstride.sweep.arguments import Sweep
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.search_space import Space
from audio_diffstride.sweep.trials import Search, Trial
from audio_diffstride.terminal.packages import require
from audio_diffstride.training import outcome
from audio_diffstride.training.monitor import Monitor

SPLIT = "validation"
_MAX_REPEATS = 200  # suggestions in a row that are no new trial


def check(folder: pathlib.Path, sweep: Sweep, space: Space, count: int) -> None:
    """Checks a search before anything is written; see `run`.

    Raises:
        UserError: for flags that do not go together, data that is not there,
            or values that no model can be trained with.
    """
    require("optuna", "search")
    if max(map(len, (sweep.arms, sweep.strides, sweep.starts))) > 1:
        raise UserError(
            "--search compares values on one arm, one set of strides and one "
            "start; give one, such as --arms diffstride"
        )
    varied = {*sweep.vary} - {cross_validation.GROUP, cross_validation.FOLD}
    if sweep.match_cost or varied:
        raise UserError(
            "--search does not go with --vary and --match_cost; leave them "
            "out, and name the fields with --over"
        )
    if sweep.config["data.validation"] == "none":
        raise UserError(
            "--search scores the validation set, but data.validation is "
            "'none'; set it to 'tenth'"
        )
    kept = plan_file.read_search(folder)
    if kept is not None and len(kept.trials) >= count and kept.is_complete:
        return  # it needs no data
    ends = [
        (f"{field} {value!r}", {field: value})
        for field, each in space.items()
        for value in each.ends
    ]
    base = sweep.runs()
    planned_data.check(
        (name, config_fields.nest(sweep.config | run.fields | values))
        for name, values in [("the config", {}), *ends]
        for run in base
    )
    _suggest(sweep, space, [])


def run(folder: pathlib.Path, sweep: Sweep, space: Space, count: int) -> None:
    """Trains and scores trials until there are enough of them.

    Args:
        folder: of the sweep.
        sweep: what all trials share.
        space: what differs between them.
        count: how many trials there are to be.

    Raises:
        UserError: if the folder holds another search, or the first trials
            fail for the same reason.
    """
    trials, runs = _begin(folder, sweep, space, count)
    last_reason = ""
    for place in range(count):
        label = f"trial {place + 1} of {count}"
        if place == len(trials):
            values, refusal = _suggest(sweep, space, trials)
            if refusal:
                print(f"{label}: a suggestion is left out: {refusal}")
            if values is None:
                print(f"{label}: there are no other values, so this is the end")
                return
            own = sweep.runs(values)
            runs += own
            trials.append(Trial(values, dict.fromkeys(r.name for r in own)))
            _write(folder, sweep, space, trials, runs)
        if trials[place].score is not None:
            continue
        trials[place], reason = _train(folder, sweep, trials[place], label)
        _write(folder, sweep, space, trials, runs)
        has_scores = any(trial.score is not None for trial in trials)
        if reason and reason == last_reason and not has_scores:
            raise UserError(
                f"the first trials fail for the same reason: {reason}; see "
                f"{folder}/logs"
            )
        last_reason = reason


def _begin(
    folder: pathlib.Path, sweep: Sweep, space: Space, count: int
) -> tuple[list[Trial], list[PlannedRun]]:
    """The trials that the folder holds so far, and their runs."""
    kept = plan_file.read_search(folder)
    if kept is None:
        return [], []
    trials = kept.trials
    if len(trials) > count:
        raise UserError(
            f"{folder} holds a search of {len(trials)} trials; give --search "
            f"{len(trials)} or more"
        )
    runs = []
    for trial in trials:
        own = sweep.runs(trial.values)
        runs += own
        names = [run.name for run in own]
        if {*names} != {*trial.scores}:
            raise UserError(
                f"{folder} holds another search: {join_some(trial.scores, 2)} "
                f"would be {join_some(names, 2)}; give another --output, or "
                "the command that started it"
            )
    _write(folder, sweep, space, trials, runs)  # refuses other ranges
    for number, trial in enumerate(trials, start=1):
        search_space.check(space, trial.values, f"{folder}, trial {number}")
    return trials, runs


def _write(
    folder: pathlib.Path,
    sweep: Sweep,
    space: Space,
    trials: list[Trial],
    runs: list[PlannedRun],
) -> None:
    over = {field: str(each) for field, each in space.items()}
    plan_file.begin(folder, sweep.config, runs, Search(over, trials))


def _suggest(
    sweep: Sweep, space: Space, trials: list[Trial]
) -> tuple[dict[str, Any] | None, UserError | None]:
    """Values for the next trial, or None; and why others are left out.

    Raises:
        UserError: if there is no trial yet, and no values are allowed.
    """
    suggestions = search_space.suggestions(
        space,
        sweep.config["seed"],
        [(trial.values, trial.score) for trial in trials],
        _monitor(sweep).lower_is_better,
    )
    seen = [trial.values for trial in trials]
    refusal = None
    for values in itertools.islice(suggestions, _MAX_REPEATS):
        if values in seen:
            continue
        seen.append(values)
        try:
            sweep.runs(values)
            return values, refusal
        except UserError as error:
            refusal = error
    if refusal and not trials:
        raise refusal
    return None, refusal


def _train(
    folder: pathlib.Path, sweep: Sweep, trial: Trial, label: str
) -> tuple[Trial, str]:
    """The trial with its scores, and why it failed, or ""."""
    monitor = _monitor(sweep)
    runs: list[PlannedRun] = sweep.runs(trial.values)
    scores: dict[str, float | None] = dict.fromkeys(trial.scores)
    for number, each in enumerate(runs, start=1):
        of_run = f", run {number} of {len(runs)}" if len(runs) > 1 else ""
        reason = running.run_one(folder, each, SPLIT, label + of_run)
        if reason:  # without this run the others make no score
            return Trial(trial.values, scores), reason
        scores[each.name] = _score(folder / each.name, monitor)
    scored = Trial(trial.values, scores)
    assert scored.score is not None
    text = monitor.format(scored.score)
    print(f"{label}: validation {monitor.name} {text}", flush=True)
    return scored, ""


def _score(workdir: pathlib.Path, monitor: Monitor) -> float:
    """The score of the best model of a finished run."""
    score = outcome.best_score(workdir, monitor)
    if score is None or not math.isfinite(score):
        raise UserError(
            f"{workdir} has no validation {monitor.name}; a search needs data "
            "with a validation set"
        )
    return score


def _monitor(sweep: Sweep) -> Monitor:
    return Monitor(sweep.config["training.monitor"])
