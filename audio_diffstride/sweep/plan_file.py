"""plan.json: the config and the runs of a sweep, so that it can be resumed.

That of a search has its trials too.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from typing import Any

from audio_diffstride.config import config_fields
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError, shortened
from audio_diffstride.files import atomic, json_files
from audio_diffstride.runs import layout
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.trials import Search, Trial

FILE = "plan.json"
CONFIG = layout.CONFIG
_OR_ELSE = "give another --output, or the command that started it"
_REMEDY = "restore the file, or give another --output"
_SHAPE = {
    "config": {str: (str, int, float, bool, list)},
    "runs": [
        {
            "name": str,
            "arm": str,
            "strides": str,
            "varied": {str: str},
            "seed": int,
            "fields": {str: (str, int, float, bool, list)},
        }
    ],
}
_SEARCH = {
    "over": {str: str},
    "trials": [
        {
            "values": {str: (str, int, float, bool, list)},
            "scores": {str: (int, float, None)},
        }
    ],
}


def begin(
    folder: pathlib.Path,
    config: dict[str, Any],
    runs: list[PlannedRun],
    search: Search | None = None,
) -> None:
    """Writes the plan of a new sweep, or extends that of an old one.

    A later command may add runs, more seeds for example, but drop none. A
    search adds trials only.

    Args:
        folder: of the sweep.
        config: {field: value} that all runs have in common. It is also
            written as config.json, for train.py.
        runs: of the sweep.
        search: with the trials that these are the runs of.

    Raises:
        UserError: if the folder holds another sweep, or other files.
    """
    plan = _to_json(config, runs, search)
    if (folder / FILE).exists():
        _check_extends(folder, _read(folder), plan)
    elif any(not path.name.startswith(".") for path in folder.glob("*")):
        raise UserError(
            f"{folder} holds files but no {FILE}, so it is not a sweep; give "
            "another --output"
        )
    atomic.write_json(folder / FILE, plan)
    nested = config_fields.nest(config).to_dict()
    atomic.write_json(folder / CONFIG, nested)


def read(folder: str | os.PathLike[str]) -> list[PlannedRun]:
    """The runs of the sweep in a folder.

    Raises:
        UserError: if it holds no sweep, or the plan is damaged.
    """
    path = pathlib.Path(folder) / FILE
    runs = [PlannedRun(**entry) for entry in _read(folder)["runs"]]
    if not runs:
        raise UserError(f"{path} is damaged: it has no runs; {_REMEDY}")
    for run in runs:
        if pathlib.Path(run.name).name != run.name or run.arm not in ARMS:
            raise UserError(
                f"{path} is damaged: {shortened(run.name)} of the arm "
                f"{shortened(run.arm)} is not a run of a sweep; {_REMEDY}"
            )
    return runs


def read_search(folder: str | os.PathLike[str]) -> Search | None:
    """The search in a folder; None if there is no sweep, or it is no search.

    Raises:
        UserError: if the plan is damaged.
    """
    if not (pathlib.Path(folder) / FILE).exists():
        return None
    search = _read(folder).get("search")
    if search is None:
        return None
    trials = [
        Trial(
            config_fields.check(each["values"], folder, required=()),
            each["scores"],
        )
        for each in search["trials"]
    ]
    return Search(search["over"], trials)


def read_config(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """{field: value} of the config of the sweep in a folder.

    Raises:
        UserError: see `read`.
    """
    return config_fields.complete(_read(folder)["config"])


def _read(folder: str | os.PathLike[str]) -> dict[str, Any]:
    path = pathlib.Path(folder) / FILE
    try:
        plan = json_files.read(path, _SHAPE, _REMEDY)
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} holds no sweep: it has no {FILE}; give the --output of "
            "one, or a --config to start one"
        ) from error
    names = {field.name for field in dataclasses.fields(PlannedRun)}
    for entry in plan["runs"]:
        if {*entry} != names:
            raise UserError(
                f"{path} is damaged: a run has the fields {', '.join(entry)}; "
                f"{_REMEDY}"
            )
    if "search" in plan:
        wrong = json_files.mismatch(plan["search"], _SEARCH, "search")
        wrong = wrong or _mismatch_of_trials(plan)
        if wrong:
            raise UserError(f"{path} is damaged: {wrong}; {_REMEDY}")
    return plan


def _mismatch_of_trials(plan: dict[str, Any]) -> str:
    """Says which trial is not one of its search; "" if there is none."""
    names = {run["name"] for run in plan["runs"]}
    for number, trial in enumerate(plan["search"]["trials"]):
        if {*trial["values"]} != {*plan["search"]["over"]}:
            return f"search.trials[{number}] has other fields than its search"
        if not trial["scores"] or not {*trial["scores"]} <= names:
            return f"search.trials[{number}] has runs that are not of the sweep"
    return ""


def _to_json(
    config: dict[str, Any], runs: list[PlannedRun], search: Search | None
) -> dict[str, Any]:
    """The plan as it is read back from the file: tuples become lists."""
    plan = {"config": config, "runs": [dataclasses.asdict(r) for r in runs]}
    if search is not None:
        plan["search"] = dataclasses.asdict(search)
    return json.loads(json.dumps(plan))


def _check_extends(
    folder: pathlib.Path, before: dict[str, Any], now: dict[str, Any]
) -> None:
    """Refuses a plan that changes the config or the search, or drops a run."""
    for field, old, new in config_fields.differences(
        before["config"], now["config"]
    ):
        raise UserError(
            f"{folder} holds a sweep with {field} = {old}, which is now "
            f"{new}; {_OR_ELSE}"
        )
    old, new = (_describe_search(plan) for plan in (before, now))
    if old != new:
        raise UserError(
            f"{folder} holds a sweep with {old}, and this command has {new}; "
            f"{_OR_ELSE}"
        )
    for run in before["runs"]:
        if run not in now["runs"]:
            raise UserError(
                f"{folder} holds another sweep, of {len(before['runs'])} runs, "
                f"and this command leaves out {run['name']}; {_OR_ELSE}"
            )


def _describe_search(plan: dict[str, Any]) -> str:
    """What the runs of a plan are chosen from, in words."""
    if "search" not in plan:
        return "no search"
    over = plan["search"]["over"]
    return (
        f"a search over {' '.join(f'{f}={text}' for f, text in over.items())}"
    )
