"""Divide recordings into train, validation and test where no split is given.

A unit is what must stay together: a group, or a file without a group. Units
with the same classes form a stratum, and where recordings have several labels,
units with the same rarest class. A hash of their names orders them. The
first tenth, at least one unit, is the test set. The next tenth is the
validation set. So every class with three or more units is tested. Smaller
strata are sampled together.
"""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import os
from collections.abc import Mapping, Sequence

from audio_diffstride.datasets.kinds import Label, Labels, present
from audio_diffstride.errors import UserError, join_some, shortened
from audio_diffstride.recordings.recording import Recording

_HELD_OUT_SHARE = 0.1
_MIN_UNITS = 3


@dataclasses.dataclass(frozen=True)
class SplitRule:
    """How recordings are divided, as `config.data` says.

    Attributes:
        test_group: the group that is the test set; empty keeps given splits.
        fold: the fold that is the test set, like "2/5"; empty is none.
        validation: "tenth" takes a validation set where none is given. "none"
            trains on those recordings.
    """

    test_group: str = ""
    fold: str = ""
    validation: str = "tenth"

    @property
    def name(self) -> str:
        """What a table calls these splits."""
        if self.test_group:
            return f"{self.test_group} held out"
        return f"fold {self.fold}" if self.fold else "own"

    def divide(
        self, recordings: Sequence[Recording], root: str | os.PathLike[str]
    ) -> list[Recording]:
        """Gives every recording its split; see `assign`."""
        if self.test_group:
            recordings = hold_out(recordings, self.test_group)
        elif self.fold:
            recordings = hold_out_fold(recordings, root, self.fold)
        return assign(recordings, root, self.validation)


def hold_out(recordings: Sequence[Recording], group: str) -> list[Recording]:
    """Makes one group the test set, and all other recordings training data.

    Repeated for every group, this is leave-one-group-out cross-validation: each
    test speaker, instrument or place is new to the model. Given splits are
    ignored. `assign` then takes a group for validation.

    Args:
        recordings: with groups.
        group: the test set.

    Raises:
        UserError: if no recording has this group.

    >>> [r.split for r in hold_out(
    ...     [Recording("a.wav", {}, group="ann"),
    ...      Recording("b.wav", {}, group="bob")], "bob")]
    ['train', 'test']
    """
    groups = sorted({r.group for r in recordings if r.group})
    if group not in groups:
        problem = (
            f"the groups of the recordings are {join_some(groups)}"
            if groups
            else "no recording has a group; add a column group to the CSV"
        )
        raise UserError(f"data.test_group is {shortened(group)}, but {problem}")
    return [
        dataclasses.replace(r, split="test" if r.group == group else "train")
        for r in recordings
    ]


def hold_out_fold(
    recordings: Sequence[Recording],
    root: str | os.PathLike[str],
    fold: str,
) -> list[Recording]:
    """Makes one of K folds the test set, and all others training data.

    The units of each stratum are dealt to the folds in the order of their
    hashes. So folds have nearly equal classes and sizes, and each unit is
    tested once. Given splits are ignored.

    Args:
        recordings: of the data set.
        root: its folder, as for `assign`.
        fold: like "2/5", the second of five.

    Raises:
        UserError: if there are fewer units than folds.

    >>> import pathlib
    >>> paths = [pathlib.Path(f"{number}.wav") for number in range(6)]
    >>> items = [Recording(path, {"a": "x"}) for path in paths]
    >>> [r.split for r in hold_out_fold(items, ".", "1/3")].count("test")
    2
    """
    number, count = map(int, fold.split("/"))
    units = _units(recordings, root, by_group=True)
    if len(units) < count:
        raise UserError(
            f"data.fold is {fold}, but there are only {len(units)} recordings "
            "or groups; give fewer folds"
        )
    names = [name for s in _strata(recordings, units) for name in s]
    parts = ["train"] * len(recordings)
    for name in names[number - 1 :: count]:
        for index in units[name]:
            parts[index] = "test"
    return _with_splits(recordings, parts)


def assign(
    recordings: Sequence[Recording],
    root: str | os.PathLike[str],
    validation: str = "tenth",
) -> list[Recording]:
    """Gives every recording a split.

    If the test set is given, the validation set is taken from the training
    data. If both are given, nothing changes. A group stays in one split, unless
    the given test set shares its groups with the training data.

    Args:
        recordings: either all with a split, or all without.
        root: the folder of the data set. Only names below it count, so the
            splits stay the same when the whole data set moves.
        validation: as in `SplitRule`.

    Returns:
        The recordings in their order, each with its split.

    Raises:
        UserError: if only some have a split, none is in the training data, or
            there are too few units for three splits.
    """
    given = {recording.split for recording in recordings}
    if "" in given and len(given) > 1:
        raise UserError(
            "some recordings name a split and some do not; give a split to "
            "all, or to none"
        )
    parts = [recording.split for recording in recordings]
    takes_one = validation == "tenth"
    if given == {""}:
        held_out = ("test", "validation") if takes_one else ("test",)
        parts = _sample(recordings, root, held_out)
    elif "train" not in given:
        raise UserError("no recording is in the train split; add some")
    elif takes_one and "validation" not in given:
        train = [i for i, part in enumerate(parts) if part == "train"]
        sampled = _sample(
            [recordings[i] for i in train],
            root,
            ("validation",),
            by_group=not _shares_groups(recordings),
        )
        for index, part in zip(train, sampled):
            parts[index] = part
    return _with_splits(recordings, parts)


def _with_splits(
    recordings: Sequence[Recording], parts: Sequence[str]
) -> list[Recording]:
    return [
        dataclasses.replace(recording, split=part)
        for recording, part in zip(recordings, parts)
    ]


def _shares_groups(recordings: Sequence[Recording]) -> bool:
    """Whether the given test set shares groups with the training data.

    If so, the test set does not measure unseen groups, and neither should the
    validation set.
    """
    groups = {
        split: {r.group for r in recordings if r.split == split and r.group}
        for split in ("train", "test")
    }
    return bool(groups["train"] & groups["test"])


def _sample(
    recordings: Sequence[Recording],
    root: str | os.PathLike[str],
    held_out: tuple[str, ...],
    by_group: bool = True,
) -> list[str]:
    """Draws the split of each recording: one of `held_out`, or train."""
    units = _units(recordings, root, by_group)
    if len(units) <= len(held_out):
        raise UserError(
            f"{len(units)} recordings or groups are too few for "
            f"{', '.join(held_out)} and train; add more, or a split column"
        )
    strata = _strata(recordings, units)
    small = [s for s in strata if len(s) < _MIN_UNITS]
    large = [s for s in strata if len(s) >= _MIN_UNITS]
    pooled = sorted((name for s in small for name in s), key=_hash_name)
    if large and len(pooled) < _MIN_UNITS:
        pooled = []  # too few: all are trained on
    parts = ["train"] * len(recordings)
    for stratum in [*large, pooled]:
        share = max(1, round(_HELD_OUT_SHARE * len(stratum)))
        for place, name in enumerate(stratum[: share * len(held_out)]):
            for index in units[name]:
                parts[index] = held_out[place // share]
    return parts


def _units(
    recordings: Sequence[Recording],
    root: str | os.PathLike[str],
    by_group: bool,
) -> dict[str, list[int]]:
    """{name of a unit: the indices of its recordings}."""
    units = collections.defaultdict(list)
    for index, recording in enumerate(recordings):
        units[_unit_name(recording, root, by_group)].append(index)
    return units


def _strata(
    recordings: Sequence[Recording], units: dict[str, list[int]]
) -> list[list[str]]:
    """The names of the units with the same classes, in hash order."""
    strata = collections.defaultdict(list)
    counts = collections.Counter(
        one
        for indices in units.values()
        for one in {
            (task, name)
            for index in indices
            for task, label in recordings[index].labels.items()
            for name in present(label)
        }
    )
    for name in sorted(units, key=_hash_name):
        labels = [
            next(iter(recordings[index].labels.items()))
            for index in units[name]
        ]
        strata[_stratum(labels, counts)].append(name)
    return [*strata.values()]


def _stratum(
    labels: Sequence[tuple[str, Label]],
    counts: Mapping[tuple[str, str], int],
) -> tuple[tuple[str, str], ...]:
    """What the units of a stratum have in common.

    With one label per recording these are all classes of the unit. Several
    have too many combinations, so it is the rarest class of the unit.

    Args:
        labels: (task, label) of each recording of the unit.
        counts: {(task, class): units with it}.
    """
    found = sorted(
        {(task, c) for task, label in labels for c in present(label)}
    )
    if not any(isinstance(label, Labels) for _, label in labels):
        return tuple(found)
    return tuple(sorted(found, key=lambda one: (counts[one], one))[:1])


def _unit_name(
    recording: Recording, root: str | os.PathLike[str], by_group: bool
) -> str:
    if by_group and recording.group:
        return f"group {recording.group}"
    path = recording.path
    if path.is_relative_to(root):
        path = path.relative_to(root)
    # All segments of a file are one unit.
    return f"file {path.as_posix()}"


def _hash_name(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()
