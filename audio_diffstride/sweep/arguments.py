"""From the flags of a sweep to its planned runs."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from audio_diffstride.config import config_fields, config_files, inherited
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.config.arms import choose
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import (
    assignments,
    cross_validation,
    initial_strides,
    plan,
)
from audio_diffstride.sweep import starts as starts_of_runs
from audio_diffstride.sweep.starts import Start

MAX_RUNS = 2_000
MAX_TRIALS = 1_000
_DEFAULTS: dict[str, Any] = {
    "set": [],
    "arms": ["all"],
    "strides": ["published"],
    "starts": [],
    "runs": 6,
    "most": 3,
    "strides_seed": 0,
    "vary": [],
    "seeds": 1,
    "match_cost": None,
    "folds": None,
    "search": None,
    "over": [],
}


@dataclasses.dataclass(frozen=True)
class Sweep:
    """What the flags of a sweep say.

    Attributes:
        config: {field: value} that all runs share.
        arms: names of `arms.ARMS`.
        strides: initial strides to try. Empty: those of the config.
        vary: {field: values}.
        seeds: how many seeds.
        match_cost: the arm whose cost all have, or None.
        starts: what to start from. Empty: what the config has.
    """

    config: dict[str, Any]
    arms: tuple[str, ...]
    strides: list[initial_strides.Strides]
    vary: dict[str, list]
    seeds: int
    match_cost: str | None = None
    starts: Sequence[Start] = ()

    def runs(
        self, values: Mapping[str, Any] | None = None
    ) -> list[plan.PlannedRun]:
        """The runs, all with these values of further fields.

        Raises:
            UserError: for a run that cannot be trained.
        """
        vary = {field: [value] for field, value in (values or {}).items()}
        runs = plan.plan(
            self.config,
            self.arms,
            self.strides,
            vary | self.vary,
            self.seeds,
            self.starts,
        )
        if self.match_cost:
            from audio_diffstride.sweep import matched_cost

            runs = matched_cost.match(self.config, runs, self.match_cost)
        return runs

    @property
    def num_runs(self) -> int:
        """How many runs there are."""
        settings = [len(several) for several in self.vary.values()]
        own = [max(1, len(each)) for each in (self.strides, self.starts)]
        return math.prod([len(self.arms), *own, self.seeds, *settings])


def set_defaults(args: argparse.Namespace) -> None:
    """Sets the flags that were left out.

    Raises:
        UserError: for flags that do not go together.
    """
    given = [name for name in _DEFAULTS if getattr(args, name) is not None]
    if given and not args.config:
        raise UserError(
            f"--{given[0]} needs --config, without which nothing is trained; "
            f"give --config too, or leave --{given[0]} out"
        )
    for name, default in _DEFAULTS.items():
        if name not in given:
            setattr(args, name, default)
    for name in ("runs", "most", "strides_seed"):
        if name in given and args.strides != ["random"]:
            raise UserError(
                f"--{name} works with --strides random only; add it, or leave "
                f"--{name} out"
            )
    if ("search" in given) != ("over" in given):
        raise UserError(
            "--search and --over work together: the number of trials, and the "
            "fields with their ranges; give both, or neither"
        )


def read(args: argparse.Namespace) -> Sweep:
    """The sweep that the flags describe.

    Args:
        args: after `set_defaults`.

    Raises:
        UserError: for a sweep that cannot be trained.
    """
    overrides = assignments.split(args.set, "--set")
    varied = assignments.split(args.vary, "--vary")
    starts = starts_of_runs.parse(args.starts, {**overrides, **varied})
    for trained in [start.run for start in starts if start.run][:1]:
        # All runs have its network, also those from random weights.
        overrides = overrides | {inherited.RUN: trained}
    config = config_fields.flatten(
        config_files.load(args.config, overrides).to_dict()
    )
    arms = choose(name for text in args.arms for name in text.split(","))
    starts_of_runs.check_arms(starts, arms, config)
    values = {
        field: assignments.parse_values(field, text, "--vary")
        for field, text in varied.items()
    }
    assignments.check_owners(values, arms, "--vary")
    if args.folds:
        field, folds = cross_validation.choose(config, args.folds)
        if field in values:
            raise UserError(
                f"--vary: {field} is what --folds sets; leave one of them out"
            )
        values = {field: folds, **values}
        # A search needs a validation set for its scores.
        if "data.validation" not in overrides and not args.search:
            config["data.validation"] = "none"
    if args.match_cost and "model.width" in values:
        raise UserError(
            "--vary: model.width is what --match_cost sets; leave one of "
            "them out"
        )
    strides = _parse_strides(args, config)
    sweep = Sweep(
        config, arms, strides, values, args.seeds, args.match_cost, starts
    )
    num_runs = sweep.num_runs * (args.search or 1)
    if num_runs > MAX_RUNS:
        raise UserError(
            f"this sweep would have {num_runs:,} runs, but at most "
            f"{MAX_RUNS:,} are allowed; give fewer values, --runs, --seeds or "
            "--search"
        )
    return sweep


def _parse_strides(
    args: argparse.Namespace, config: dict[str, Any]
) -> list[initial_strides.Strides]:
    """The initial strides of --strides; none where all are the config's."""
    if args.strides == ["published"]:
        return []
    first = initial_strides.published(config)
    if args.strides == ["random"]:
        return initial_strides.draw_random(
            first, args.runs, args.most, args.strides_seed
        )
    axes = ARCHITECTURES[config["model.encoder"]].axes
    several = [
        first if text == "published" else initial_strides.parse(text, axes)
        for text in args.strides
    ]
    for strides in several:
        if several.count(strides) > 1:
            text = initial_strides.format_strides(strides)
            raise UserError(f"--strides has {text} twice; give it once")
    return several
