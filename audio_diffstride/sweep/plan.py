"""What a sweep trains: the name and the own fields of every run.

The plan depends on the config and on what is swept only. So the same command
plans the same runs. A setting is one row of a table: initial strides
and values of varied fields. Every arm gets every setting with every seed.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
from collections.abc import Sequence
from typing import Any

from audio_diffstride.config import config_checks, config_fields, inherited
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.sweep.initial_strides import (
    Strides,
    format_strides,
    format_value,
)
from audio_diffstride.sweep.starts import COLUMN, Start

_MAX_VALUE_LENGTH = 40  # letters of a value in a run's name


@dataclasses.dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep.

    Attributes:
        name: of its work directory.
        arm: one of `arms.ARMS`.
        strides: initial ones, as `format_strides` writes them, or "" if they
            are those of the config.
        varied: {field: value as text}, and what it starts from, if that is
            swept.
        seed: of its training.
        fields: {field: value}, all that differs from the sweep's config.
    """

    name: str
    arm: str
    strides: str
    varied: dict[str, str]
    seed: int
    fields: dict[str, Any]

    @property
    def setting(self) -> tuple[str, ...]:
        """The table row of the run: its varied values and its strides."""
        return (*self.varied.values(), self.strides)

    @property
    def pair(self) -> tuple[tuple[str, ...], int]:
        """What it shares with the runs of other arms: setting and seed."""
        return self.setting, self.seed

    @property
    def learns_strides(self) -> bool:
        """Whether its strides change during training."""
        return ARMS[self.arm].learns_strides


def plan(
    config: dict[str, Any],
    arms: tuple[str, ...],
    strides: list[Strides],
    vary: dict[str, list],
    seeds: int,
    starts: Sequence[Start] = (),
) -> list[PlannedRun]:
    """Every run of a sweep, checked by the rules of a config.

    Args:
        config: {field: value} that all runs have in common.
        arms: names of `arms.ARMS`.
        strides: initial strides to try. Empty: those of the config.
        vary: {field: values}, of which every combination is taken.
        seeds: how many seeds, counted from the config's.
        starts: what to start from. Empty: what the config has.

    Raises:
        UserError: for a run that no model can be trained with.
    """
    runs = []
    own_strides: list[Strides | None] = [*strides] or [None]
    own_starts: list[Start | None] = [*starts] or [None]
    for *values, start, run_strides, arm, number in itertools.product(
        *vary.values(), own_starts, own_strides, arms, range(seeds)
    ):
        fields = {f"model.{k}": v for k, v in ARMS[arm].fields.items()}
        fields |= dict(zip(vary, values))
        strides_text = ""
        if run_strides is not None:
            fields["model.strides"] = run_strides
            strides_text = format_strides(run_strides)
        seed = config["seed"] + number
        fields["seed"] = seed
        varied = {field: format_value(fields[field]) for field in vary}
        name = _name(varied, start, strides_text, arm, seed)
        if start is not None:
            fields |= start.fields
            varied[COLUMN] = start.label
        runs.append(PlannedRun(name, arm, strides_text, varied, seed, fields))
    _check(config, runs)
    return runs


def _name(
    varied: dict[str, str],
    start: Start | None,
    strides: str,
    arm: str,
    seed: int,
) -> str:
    parts = [
        f"{field.split('.')[-1]}={_as_file_name(value)}"
        for field, value in varied.items()
    ]
    if start is not None:
        parts.append(f"{COLUMN}={_as_file_name(start.source)}")
        parts += [f"frozen={start.frozen}"] * bool(start.frozen)
    parts += [f"strides={strides}"] * bool(strides)
    return "_".join([*parts, arm, f"seed={seed}"])


def _as_file_name(text: str) -> str:
    return re.sub(r"[^\w.+-]+", "-", text).strip("-")[:_MAX_VALUE_LENGTH]


def _check(config: dict[str, Any], runs: list[PlannedRun]) -> None:
    names = collections.Counter(run.name for run in runs)
    for run in runs:
        if names[run.name] > 1:
            raise UserError(
                f"two runs of this sweep would have the name {run.name}; give "
                "values that differ in letters and digits"
            )
        values = config_fields.check(config | run.fields, f"run {run.name}")
        nested = config_fields.nest(values)
        try:
            config_checks.check(nested)
            inherited.check_same_network(nested)
        except UserError as error:
            raise UserError(f"run {run.name}: {error}") from error
