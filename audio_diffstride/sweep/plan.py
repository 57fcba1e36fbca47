"""What a sweep trains: every run's name and the fields that are its own.

A pure function of the config and what is swept, so that the same command
plans the same runs. A setting is what stands in a table's row: initial strides
and values of varied fields; every arm gets every setting, with every seed.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
import random
import re

from audio_diffstride.config import config_checks, config_fields
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError

Strides = tuple[tuple[float, ...], ...]
_LONGEST_VALUE = 40  # letters of a name


@dataclasses.dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep.

    Attributes:
        name: of its work directory.
        arm: one of `arms.ARMS`.
        strides: initial ones, as `strides_text` writes them, or "" if the
            sweep leaves them as the config has them.
        varied: {field: value as text}.
        seed: as trained with.
        fields: {field: value}, all that differs from the sweep's config.
    """

    name: str
    arm: str
    strides: str
    varied: dict[str, str]
    seed: int
    fields: dict[str, object]

    @property
    def setting(self) -> tuple[str, ...]:
        """The row of a table that it stands in."""
        return (*self.varied.values(), self.strides)

    @property
    def learns_strides(self) -> bool:
        """Whether its strides move."""
        return ARMS[self.arm].learns_strides


def plan(
    config: dict[str, object],
    arms: tuple[str, ...],
    strides: list[Strides],
    vary: dict[str, list],
    seeds: int,
) -> list[PlannedRun]:
    """Every run of a sweep, each of which could be trained.

    Args:
        config: {field: value} that all runs have in common.
        arms: names of `arms.ARMS`.
        strides: initial strides of every place, one after the other; empty:
            as in the config.
        vary: {field: values}, of which every combination is taken.
        seeds: how many; from the config's seed on.

    Raises:
        UserError: for a run that no model could be trained with, or a field
            that two of these decide.
    """
    _check_owners(arms, vary)
    runs = []
    for *values, pairs, arm, number in itertools.product(
        *vary.values(), strides or [None], arms, range(seeds)
    ):
        own = {f"model.{k}": v for k, v in ARMS[arm].fields.items()}
        own |= dict(zip(vary, values))
        if pairs is not None:
            own["model.strides"] = pairs
        own["seed"] = config["seed"] + number
        varied = {field: _text(own[field]) for field in vary}
        text = "" if pairs is None else strides_text(pairs)
        parts = [f"{f.split('.')[-1]}={_safe(v)}" for f, v in varied.items()]
        parts += [f"strides={text}"] * bool(text)
        name = "_".join([*parts, arm, f"seed={own['seed']}"])
        runs.append(PlannedRun(name, arm, text, varied, own["seed"], own))
    _check(config, runs)
    return runs


def _check_owners(arms, vary):
    for field, flag in (("seed", "seeds"), ("model.strides", "strides")):
        if field in vary:
            raise UserError(f"--vary: {field} is swept by --{flag}")
    for arm in arms:
        for field in ARMS[arm].fields:
            if f"model.{field}" in vary:
                raise UserError(
                    f"--vary: model.{field} is what the arm {arm!r} sets; "
                    "leave one of them out"
                )


def _check(config, runs: list[PlannedRun]):
    names = collections.Counter(run.name for run in runs)
    for run in runs:
        if names[run.name] > 1:
            raise UserError(
                f"two runs of this sweep would have the name {run.name}; give "
                "values that differ in letters and digits"
            )
        values = config_fields.check(config | run.fields, f"run {run.name}")
        try:
            config_checks.check(config_fields.nest(values))
        except UserError as error:
            raise UserError(f"run {run.name}: {error}") from error


def published(config: dict[str, object]) -> Strides:
    """The strides that a config stands for: its own, or the network's."""
    return (
        config["model.strides"]
        or ARCHITECTURES[config["model.encoder"]].strides
    )


def random_strides(
    first: Strides, count: int, most: int, seed: int
) -> list[Strides]:
    """Whole strides from 1 to `most`, equal along the axes of a place.

    Args:
        first: the published ones, which come first; the others have as many
            places and axes.
        count: how many configurations in all, no two the same.
        most: the largest stride; the paper's is 3.
        seed: that they are drawn from; fewer are the beginning of more.

    >>> random_strides(((2, 2), (2, 2)), count=3, most=3, seed=0)
    [((2, 2), (2, 2)), ((1, 1), (2, 2)), ((3, 3), (2, 2))]
    """
    chosen = [first]
    whole = range(1, most + 1)
    drawable = all({*place} == {place[0]} <= {*whole} for place in first)
    there = most ** len(first) + (not drawable)
    if count > there:
        raise UserError(
            f"--runs is {count}, but {len(first)} places with whole strides "
            f"from 1 to {most} make {there} configurations"
        )
    draw = random.Random(seed)
    while len(chosen) < count:
        strides = tuple(
            (draw.randint(1, most),) * len(place) for place in first
        )
        if strides not in chosen:
            chosen.append(strides)
    return chosen


def parse_strides(text: str, axes: int) -> Strides:
    """Strides as a user writes them: one per place, or one per axis.

    >>> parse_strides("2-1.5-2x1", axes=2)
    ((2.0, 2.0), (1.5, 1.5), (2.0, 1.0))
    """
    places = []
    for place in text.split("-"):
        try:
            numbers = tuple(map(float, place.split("x")))
        except ValueError:
            raise UserError(
                f"--strides: {text!r} is not understood; give published, "
                "random, or a stride for each place like 2-2-3"
            ) from None
        places.append(numbers * axes if len(numbers) == 1 else numbers)
    return tuple(places)


def strides_text(strides: Strides) -> str:
    """The opposite of `parse_strides`.

    >>> strides_text(((2.0, 2.0), (1.5, 1)))
    '2-1.5x1'
    """
    return "-".join(
        "x".join(map(_text, place[:1] if len({*place}) == 1 else place))
        for place in strides
    )


def _text(value) -> str:
    """As short as it can be read back from."""
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if short == str(value) or float(short) == value else str(value)


def _safe(text: str) -> str:
    """As part of the name of a folder."""
    return re.sub(r"[^\w.+-]+", "-", text).strip("-")[:_LONGEST_VALUE]
