"""plan.json: what a folder is the sweep of, so that it can be gone on with."""

from __future__ import annotations

import dataclasses
import json
import pathlib

from audio_diffstride.config import config_fields
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError, shortened
from audio_diffstride.files import atomic, json_files
from audio_diffstride.runs import layout
from audio_diffstride.sweep.plan import PlannedRun

FILE = "plan.json"
CONFIG = layout.CONFIG
_OR_ELSE = "give another --output, or the command that it was begun with"
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


def begin(folder: pathlib.Path, config: dict, runs: list[PlannedRun]):
    """Makes the folder that of a sweep, or finds that it is already.

    A sweep may get more runs, more seeds say, but none may be left out.

    Args:
        folder: of the sweep.
        config: {field: value} that all runs have in common; written as
            config.json beside the plan, for train.py.
        runs: of the sweep.

    Raises:
        UserError: if the folder holds another sweep, or anything else.
    """
    now = _content(config, runs)
    if (folder / FILE).exists():
        _check_extends(folder, _read(folder), now)
    elif any(not path.name.startswith(".") for path in folder.glob("*")):
        raise UserError(
            f"{folder} holds files but no {FILE}, so it is no sweep; give "
            "another --output"
        )
    atomic.write_json(folder / FILE, now)
    nested = config_fields.nest(config).to_dict()
    atomic.write_json(folder / CONFIG, nested)


def read(folder) -> list[PlannedRun]:
    """The runs of the sweep in a folder.

    Raises:
        UserError: if there is none, or its plan is damaged.
    """
    path = pathlib.Path(folder) / FILE
    runs = [PlannedRun(**entry) for entry in _read(folder)["runs"]]
    if not runs:
        raise UserError(f"{path} is damaged: it has no runs; {_REMEDY}")
    for run in runs:
        if pathlib.Path(run.name).name != run.name or run.arm not in ARMS:
            raise UserError(
                f"{path} is damaged: {shortened(run.name)} of the arm "
                f"{shortened(run.arm)} is no run of a sweep; {_REMEDY}"
            )
    return runs


def _read(folder) -> dict:
    path = pathlib.Path(folder) / FILE
    try:
        content = json_files.read(path, _SHAPE, _REMEDY)
    except FileNotFoundError as error:
        raise UserError(
            f"{folder} holds no sweep: it has no {FILE}; give the --output of "
            "one, or a --config to begin one"
        ) from error
    names = {field.name for field in dataclasses.fields(PlannedRun)}
    for entry in content["runs"]:
        if {*entry} != names:
            raise UserError(
                f"{path} is damaged: a run has the fields {', '.join(entry)}; "
                f"{_REMEDY}"
            )
    return content


def _content(config: dict, runs: list[PlannedRun]) -> dict:
    """As it comes back from the file, where tuples are lists."""
    content = {"config": config, "runs": [dataclasses.asdict(r) for r in runs]}
    return json.loads(json.dumps(content))


def _check_extends(folder, before: dict, now: dict):
    for field, was, is_now in config_fields.differences(
        before["config"], now["config"]
    ):
        raise UserError(
            f"{folder} holds a sweep with {field} = {was}, which is now "
            f"{is_now}; {_OR_ELSE}"
        )
    for run in before["runs"]:
        if run not in now["runs"]:
            raise UserError(
                f"{folder} holds another sweep, of {len(before['runs'])} runs, "
                f"and this command leaves out {run['name']}; {_OR_ELSE}"
            )
