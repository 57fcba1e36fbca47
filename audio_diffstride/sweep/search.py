"""Searches for the values of fields with the best validation score.

A trial is one set of values, trained and scored like any setting of a sweep.
The plan keeps every trial before it is trained, and its scores after that. So
a search that was killed continues with the same trials.
"""

from __future__ import annotations

import itertools
import math
import pathlib
from collections.abc import Mapping
from typing import Any

from audio_diffstride.config import config_fields
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.recordings import planned_data
from audio_diffstride.sweep import plan_file, running, search_space
from audio_diffstride.sweep.arguments import Sweep
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.search_space import Space
from audio_diffstride.sweep.trials import Search, Trial
from audio_diffstride.terminal.packages import require
from audio_diffstride.training import outcome
from audio_diffstride.training.monitor import Monitor

SPLIT = "validation"
_MAX_REPEATS = 1_000  # suggestions in a row that are no new trial


def check(sweep: Sweep, space: Space) -> None:
    """Checks that a sweep can be searched, and reads the lists of its data.

    Raises:
        UserError: if it cannot.
    """
    require("optuna", "search")
    if len(sweep.arms) > 1 or len(sweep.strides) > 1:
        raise UserError(
            "--search compares values on one arm and one set of strides; give "
            "one, such as --arms diffstride"
        )
    if sweep.match_cost or set(sweep.vary) - {"data.test_group", "data.fold"}:
        raise UserError(
            "--search does not go with --vary and --match_cost; name the "
            "fields with --over, and leave them out"
        )
    if sweep.config["data.validation"] == "none":
        raise UserError(
            "--search scores the validation set, but data.validation is "
            "'none'; set it to 'tenth', and search again"
        )
    base = sweep.runs()
    alone = [
        (f"{field} {value!r}", {field: value})
        for field, each in space.items()
        for value in each.ends
    ]
    planned_data.check(
        (name, config_fields.nest(sweep.config | run.fields | values))
        for name, values in [("the config", {}), *alone]
        for run in base
    )


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
    search, runs = _begin(folder, sweep, space, count)
    monitor = Monitor(sweep.config["training.monitor"])
    last_reason = ""
    for number in range(count):
        label = f"trial {number + 1} of {count}"
        if number == len(search.trials):
            values = _next(sweep, space, search, monitor)
            if values is None:
                print(f"every combination is tried, so there is no {label}")
                return
            runs.append(sweep.runs(values))
            scores = dict.fromkeys(run.name for run in runs[-1])
            search.trials.append(Trial(values, scores))
            _write(folder, sweep, runs, search)
        if search.trials[number].score is not None:
            continue
        reason = _train(folder, runs[number], search, number, monitor, label)
        _write(folder, sweep, runs, search)
        has_score = any(trial.score is not None for trial in search.trials)
        if reason and reason == last_reason and not has_score:
            raise UserError(
                f"the first trials fail for the same reason: {reason}; see "
                f"{folder}/logs"
            )
        last_reason = reason


def _begin(
    folder: pathlib.Path, sweep: Sweep, space: Space, count: int
) -> tuple[Search, list[list[PlannedRun]]]:
    """The search that the folder holds so far, and the runs of its trials."""
    over = {field: str(each) for field, each in space.items()}
    kept = plan_file.read_search(folder)
    if kept is None:
        return Search(over, []), []
    if len(kept.trials) > count:
        raise UserError(
            f"{folder} holds a search of {len(kept.trials)} trials; give "
            f"--search {len(kept.trials)} or more"
        )
    runs = [sweep.runs(trial.values) for trial in kept.trials]
    for trial, planned in zip(kept.trials, runs):
        names = [run.name for run in planned]
        if {*names} != {*trial.scores}:
            raise UserError(
                f"{folder} holds a search with the runs "
                f"{join_some(trial.scores, 2)} in a trial, where this command "
                f"has {join_some(names, 2)}; give another --output, or the "
                "command that started it"
            )
    search = Search(over, kept.trials)
    _write(folder, sweep, runs, search)  # refuses another search
    for number, trial in enumerate(kept.trials, start=1):
        search_space.check(space, trial.values, f"{folder}, trial {number}")
    return search, runs


def _write(
    folder: pathlib.Path,
    sweep: Sweep,
    runs: list[list[PlannedRun]],
    search: Search,
) -> None:
    every = [*itertools.chain(*runs)]
    plan_file.begin(folder, sweep.config, every, search)


def _next(
    sweep: Sweep, space: Space, search: Search, monitor: Monitor
) -> dict[str, Any] | None:
    """The first suggestion that is new and allowed; None if there is none.

    Raises:
        UserError: if none is allowed.
    """
    tried = [trial.values for trial in search.trials]
    suggested = search_space.suggestions(
        space,
        sweep.config["seed"],
        [(trial.values, trial.score) for trial in search.trials],
        lower_is_better=monitor.lower_is_better,
    )
    refusal = None
    for values in itertools.islice(suggested, _MAX_REPEATS):
        if values in tried:
            continue
        try:
            sweep.runs(values)
        except UserError as error:
            refusal = error
            continue
        return values
    if refusal and not tried:
        raise refusal
    return None


def _train(
    folder: pathlib.Path,
    runs: list[PlannedRun],
    search: Search,
    number: int,
    monitor: Monitor,
    label: str,
) -> str:
    """Trains a trial and keeps its scores; returns why it failed, or ""."""
    values = search.trials[number].values
    print(f"{label}: {describe(values)}", flush=True)
    scores: dict[str, float | None] = dict.fromkeys(run.name for run in runs)
    for place, each in enumerate(runs, start=1):
        reason = running.run_one(folder, each, SPLIT, f"{place} of {len(runs)}")
        if reason:  # the other runs would not make it complete
            break
        scores[each.name] = _score(folder / each.name, monitor)
    search.trials[number] = Trial(values, scores)
    score = search.trials[number].score
    if score is not None:
        best, _ = search.ranked(monitor)[0]
        print(
            f"{label}: validation {monitor.name} {monitor.format(score)}; the "
            f"best is trial {best}",
            flush=True,
        )
    return reason


def _score(workdir: pathlib.Path, monitor: Monitor) -> float:
    """The score of the best model of a finished run."""
    score = outcome.best_score(workdir, monitor)
    if score is None or not math.isfinite(score):
        raise UserError(
            f"{workdir} has no validation {monitor.name}; a search needs data "
            "with a validation set"
        )
    return score


def describe(values: Mapping[str, Any]) -> str:
    """The values of a trial in a line.

    >>> describe({"model.width": 0.5, "training.num_steps": 100})
    'width=0.5, num_steps=100'
    """
    return ", ".join(
        f"{field.rpartition('.')[2]}={value}" for field, value in values.items()
    )
