"""The trainings that the part "time_to_accuracy" compares, from its flags."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

import ml_collections

from audio_diffstride.benchmark import accuracy_arguments
from audio_diffstride.benchmark.accuracy_arguments import BEFORE
from audio_diffstride.config import config_files
from audio_diffstride.config.arms import ARMS, choose
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import sources
from audio_diffstride.sweep import assignments
from audio_diffstride.training import batches

_EPOCH = "training.steps_per_epoch"


@dataclasses.dataclass(frozen=True)
class Training:
    """One training of the comparison.

    Attributes:
        arm: one of `arms.ARMS`.
        setting: its name.
        fields: {field: value} of the setting.
        config: complete and checked.
        stores: the data sets.
    """

    arm: str
    setting: str
    fields: Mapping[str, Any]
    config: ml_collections.ConfigDict
    stores: list[Store]


def read(args: argparse.Namespace) -> list[Training]:
    """The trainings of the flags, arm by arm; settings and seeds take turns.

    Raises:
        UserError: for flags or data that make no training.
    """
    for flag in ("every", "seeds"):
        if getattr(args, flag) < 1:
            raise UserError(f"--{flag} must be 1 or more")
    arms = choose(args.arms or accuracy_arguments.ARMS)
    common = assignments.split(args.set, "--set")
    settings = _settings(args.setting, common)
    for name, own in settings.items():
        assignments.check_owners({**common, **own}, arms, "--set, --setting")
    data = (
        {}
        if args.data is None
        else {
            "data.path": args.data,
            "data.source": "audio_files",
        }
    )
    return [
        _training(args, arm, name, data | common, settings[name], number)
        for arm, number, name in itertools.product(
            arms, range(args.seeds), settings
        )
    ]


def _settings(
    texts: list[str], common: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """{name: {field: value as text}}, the recipe as it is first."""
    settings: dict[str, dict[str, str]] = {BEFORE: {}}
    for text in texts:
        name, _, fields = text.partition(":")
        if not (name and fields):
            raise UserError(
                f"--setting {text!r} must be like "
                "fast:training.learning_rate=0.004,training.num_steps=300"
            )
        if name in settings:
            raise UserError(
                f"--setting: the name {name} is taken; give another"
            )
        settings[name] = assignments.split(_at_fields(fields), "--setting")
        for field in settings[name]:
            if field in common:
                raise UserError(
                    f"--setting {name}: {field} is what --set sets; leave one "
                    "of them out"
                )
    return settings


def _at_fields(text: str) -> list[str]:
    """Splits FIELD=VALUE,FIELD=VALUE, where a value may have commas.

    >>> _at_fields("training.schedule_boundaries=(0.5, 0.7),window_s=0.5")
    ['training.schedule_boundaries=(0.5, 0.7)', 'window_s=0.5']
    """
    parts: list[str] = []
    for part in text.split(","):
        if "=" in part or not parts:
            parts.append(part)
        else:
            parts[-1] += f",{part}"
    return parts


def _training(
    args: argparse.Namespace,
    arm: str,
    name: str,
    common: Mapping[str, str],
    own: Mapping[str, str],
    number: int,
) -> Training:
    given: dict[str, Any] = {}
    for flag, texts in (("--set", common), (f"--setting {name}", own)):
        for field, text in texts.items():
            if field == _EPOCH:
                raise UserError(f"{flag}: {_EPOCH} is what --every sets")
            given[field] = assignments.parse_value(field, text, flag)
    fields = {field: given[field] for field in own}
    given |= {f"model.{key}": value for key, value in ARMS[arm].fields.items()}
    config = config_files.with_values(
        args.config or f"{config_files.OWN}:small",
        {**given, _EPOCH: args.every},
        "the flags",
    )
    config.seed += number
    stores = sources.open_stores(config)
    batches.check_stores(config, stores)
    if not any(store.num_examples.get(args.split) for store in stores):
        raise UserError(
            f"the data have no {args.split} recordings to score on; give "
            "another --split, or set data.fold=1/5"
        )
    return Training(arm, name, fields, config, stores)
