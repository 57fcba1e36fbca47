"""Compare classes by what should not matter, and judge what is found.

A network takes whatever tells classes apart. If one class has another noise
floor, the network learns the floor, scores 100 % and fails on new recordings.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from audio_diffstride.shortcuts import remedies, separation
from audio_diffstride.shortcuts.catalogue import BY_FIELD, TRAITS, Trait
from audio_diffstride.shortcuts.examples import Example, measure_all, sample
from audio_diffstride.shortcuts.traits import Traits, measure

_MIN_PER_CLASS = 5


@dataclasses.dataclass(frozen=True)
class Row:
    """What one trait tells.

    Attributes:
        trait: its title.
        kind: "file", "sound" or "origin", see `catalogue`.
        told: how well it alone tells the class: balanced accuracy.
        share: of the best `separation.separate`.
        classes: those that it sets apart from the others.
        values: of these classes and of the others, in words.
        found: whether it counts as a shortcut.
        remedy: what to do; empty unless found.
        flags: config fields of the remedy, as typed after --config.
    """

    trait: str
    kind: str
    told: float
    share: float
    classes: list[str]
    values: str
    found: bool
    remedy: str = ""
    flags: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Examination:
    """What the traits tell about the classes of a task.

    Attributes:
        num_recordings: how many were measured.
        num_classes: how many had enough recordings.
        told_by: {kind: how well all its traits together tell the class}, as
            balanced accuracy. Chance is one over the number of classes.
        rows: of the traits that are not the same in all recordings, those
            that set classes furthest apart first.
        equal: titles of the other traits.
    """

    num_recordings: int
    num_classes: int
    told_by: dict[str, float]
    rows: list[Row]
    equal: list[str]

    @property
    def found(self) -> list[Row]:
        """The shortcuts, without those that the network does not hear."""
        return [r for r in self.rows if r.found and r.kind != "origin"]


def examine(
    examples: Sequence[Example],
    heard_hz: float = 8000.0,
    measure: Callable[..., Traits] = measure,
) -> Examination | None:
    """Examines the recordings of one task.

    Args:
        examples: of any number. A sample is measured, the same every time.
        heard_hz: what the network hears at most: half of its sample rate.
        measure: for several tasks, a function that remembers its results.

    Returns:
        None if fewer than two classes have five recordings, or if all
        recordings are of one group.
    """
    measured = measure_all(sample(examples), measure)
    counts = collections.Counter(e.label for e, _ in measured)
    enough = [(e, t) for e, t in measured if counts[e.label] >= _MIN_PER_CLASS]
    names = sorted({e.label for e, _ in enough})
    if len(names) < 2:
        return None
    labels = np.array([names.index(e.label) for e, _ in enough])
    groups = [e.group or f"file {e.path}" for e, _ in enough]
    folds = separation.make_folds(labels, groups)
    if not folds:
        return None
    traits = [_limited(t, heard_hz) for _, t in enough]
    varying = [
        trait
        for trait in TRAITS
        if len({getattr(t, trait.field) for t in traits}) > 1
    ]
    rows = [
        _row(trait, traits, labels, groups, folds, names, heard_hz)
        for trait in varying
    ]
    told_by = {}
    for kind in ("file", "sound"):
        columns = [_column(t, traits) for t in varying if t.kind == kind]
        if columns:
            told_by[kind] = separation.tell_classes(
                np.stack(columns, axis=1), labels, folds
            )
    return Examination(
        len(enough),
        len(names),
        told_by,
        sorted(rows, key=lambda row: (not row.found, -row.share)),
        [trait.title for trait in TRAITS if trait not in varying],
    )


def _limited(traits: Traits, heard_hz: float) -> Traits:
    """The traits as the network hears them."""
    return dataclasses.replace(
        traits, bandwidth_hz=min(traits.bandwidth_hz, heard_hz)
    )


def _column(trait: Trait, traits: Sequence[Traits]) -> np.ndarray:
    values = np.array([getattr(t, trait.field) for t in traits])
    if trait.ordered:
        return values.astype(float)
    return np.unique(values, return_inverse=True)[1].astype(float)


def _row(
    trait: Trait,
    traits: Sequence[Traits],
    labels: np.ndarray,
    groups: Sequence[str],
    folds: separation.Folds,
    names: Sequence[str],
    heard_hz: float,
) -> Row:
    column = _column(trait, traits)
    best = separation.separate(column, labels, folds, trait.ordered)
    if trait.ordered and trait.kind != "file":
        relative = separation.relative_to_group(column, labels, groups)
        if relative is not None:
            of_group = separation.separate(relative, labels, folds)
            best = max(best, of_group, key=lambda one: one.share)
    apart = np.isin(labels, best.classes)
    sides = [
        [t for t, is_apart in zip(traits, apart) if is_apart == side]
        for side in (True, False)
    ]
    values = " against ".join(
        trait.describe(_typical(trait, side)) for side in sides if side
    )
    found = best.share >= trait.limit
    remedy = remedies.Remedy("")
    if found:
        remedy = _remedy(trait, sides[0], sides[1], heard_hz)
    return Row(
        trait.title,
        trait.kind,
        separation.tell_classes(column[:, None], labels, folds),
        best.share,
        [names[index] for index in best.classes],
        values,
        found,
        remedy.text,
        remedy.flags,
    )


def _typical(trait: Trait, traits: Sequence[Traits]) -> Any:
    """The median of a trait, or its most common name."""
    values = [getattr(t, trait.field) for t in traits]
    if trait.ordered:
        return float(np.median(values))
    return max(sorted(set(values)), key=values.count)


def _remedy(
    trait: Trait,
    apart: Sequence[Traits],
    others: Sequence[Traits],
    heard_hz: float,
) -> remedies.Remedy:
    both = (apart, others)
    typical = functools.partial(_typical, trait)
    match trait.field:
        case "sample_rate_hz" | "bandwidth_hz":
            band = BY_FIELD["bandwidth_hz"]
            bands_hz = [_typical(band, side) for side in both]
            return remedies.limit_band(bands_hz, heard_hz)
        case "format" | "bits" | "silent_share" | "floor_db":
            floor = BY_FIELD["floor_db"]
            louder_db = max(_typical(floor, side) for side in both)
            return remedies.cover_floor(louder_db, trait.kind == "file")
        case "level_db":
            return remedies.vary_level(typical(apart) - typical(others))
        case "duration_s":
            return remedies.shorten_windows(min(map(typical, both)))
        case "channels":
            return remedies.CHANNELS
        case "pause_s":
            return remedies.TRIM
        case _:
            return remedies.NOT_HEARD
