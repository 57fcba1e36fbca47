"""From the flags of a sweep to its planned runs."""

from __future__ import annotations

import argparse
import math
from typing import Any

from audio_diffstride.config import config_fields, config_files
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.config.arms import choose
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import cross_validation, initial_strides, plan

MAX_RUNS = 2_000
_DEFAULTS: dict[str, Any] = {
    "set": [],
    "arms": ["all"],
    "strides": ["published"],
    "runs": 6,
    "most": 3,
    "strides_seed": 0,
    "vary": [],
    "seeds": 1,
    "match_cost": None,
    "folds": None,
}


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


def plan_runs(
    args: argparse.Namespace,
) -> tuple[dict[str, Any], list[plan.PlannedRun]]:
    """The config that all runs share, and the runs.

    Args:
        args: after `set_defaults`.

    Returns:
        {field: value}, and the planned runs.

    Raises:
        UserError: for a sweep that cannot be trained.
    """
    overrides = _split_assignments(args.set, "--set")
    config = config_fields.flatten(
        config_files.load(args.config, overrides).to_dict()
    )
    values = {
        field: _parse_values(field, text)
        for field, text in _split_assignments(args.vary, "--vary").items()
    }
    if args.folds:
        field, folds = cross_validation.choose(config, args.folds)
        if field in values:
            raise UserError(
                f"--vary: {field} is what --folds sets; leave one of them out"
            )
        values = {field: folds, **values}
        if "data.validation" not in overrides:
            config["data.validation"] = "none"
    arms = choose(name for text in args.arms for name in text.split(","))
    strides = _parse_strides(args, config)
    num_runs = math.prod(
        [len(arms), max(1, len(strides)), args.seeds]
        + [len(several) for several in values.values()]
    )
    if num_runs > MAX_RUNS:
        raise UserError(
            f"this sweep would have {num_runs:,} runs, but at most "
            f"{MAX_RUNS:,} are allowed; give fewer values, --runs or --seeds"
        )
    runs = plan.plan(config, arms, strides, values, args.seeds)
    if args.match_cost:
        if "model.width" in values:
            raise UserError(
                "--vary: model.width is what --match_cost sets; leave one of "
                "them out"
            )
        from audio_diffstride.sweep import matched_cost

        runs = matched_cost.match(config, runs, args.match_cost)
    return config, runs


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


def _split_assignments(texts: list[str], flag: str) -> dict[str, str]:
    """{field: value as text} of texts like model.width=0.5."""
    assignments = {}
    for text in texts:
        field, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"{flag} {text!r} must be like model.width=0.5")
        if field not in config_fields.FIELDS:
            raise UserError(config_fields.unknown(field, flag))
        if field in assignments:
            raise UserError(f"{flag}: {field} is given twice; give it once")
        assignments[field] = value
    return assignments


def _parse_values(field: str, text: str) -> list:
    """The values of a text like "0,0.1" or "(4, 8),(8, 16)"."""
    values: list = []
    for part in _split_at_commas(text):
        value = config_fields.parse(field, part)
        checked = config_fields.check({field: value}, "--vary", required=())
        if checked[field] in values:
            raise UserError(f"--vary: {field} has {part} twice; give it once")
        values.append(checked[field])
    return values


def _split_at_commas(text: str) -> list[str]:
    """The parts of a text; commas within brackets do not split it.

    >>> _split_at_commas("(4, 8),(8, 16)")
    ['(4, 8)', '(8, 16)']
    """
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
