"""Which recordings to train, validate and test on, where nobody has said.

What belongs together (a group, or a file alone) is a unit. Units with the same
classes form a stratum; they are put in an order that only their names decide,
and a tenth of them, at least one, becomes the test set, the next tenth the
validation set. So every class of three units is tested; smaller strata are
sampled together.
"""

from __future__ import annotations

import collections
import dataclasses
import hashlib

from audio_diffstride.errors import UserError, join_some, shortened
from audio_diffstride.recordings.recording import Recording

_HELD_OUT_SHARE = 0.1
_FEWEST_UNITS = 3


def hold_out(recordings: list[Recording], group: str) -> list[Recording]:
    """The recordings with one group as the test set, all else to train on.

    Once for every group it is leave-one-group-out: a speaker, an instrument
    or a place that the model has never heard. Splits that are given already
    do not count, and a group that is validated on comes from `assign`.

    Args:
        recordings: with groups.
        group: that is tested.

    Raises:
        UserError: if there is no such group.

    >>> [r.split for r in hold_out(
    ...     [Recording("a.wav", {}, group="ann"),
    ...      Recording("b.wav", {}, group="bob")], "bob")]
    ['train', 'test']
    """
    there = sorted({r.group for r in recordings if r.group})
    if group not in there:
        problem = (
            f"the groups of the recordings are {join_some(there)}"
            if there
            else "no recording has a group; add a column group to the CSV"
        )
        raise UserError(f"data.test_group is {shortened(group)}, but {problem}")
    return [
        dataclasses.replace(r, split="test" if r.group == group else "train")
        for r in recordings
    ]


def assign(recordings: list[Recording], root) -> list[Recording]:
    """Gives every recording a split.

    With a test set given, only the validation set is taken, out of the
    training data; with both given, nothing changes. No group straddles,
    unless the given test set shares its groups with the training data.

    Args:
        recordings: of which all or none name a split.
        root: the folder that names are relative to; moving a data set as a
            whole leaves its splits as they are.

    Returns:
        The recordings in their order, each with its split.

    Raises:
        UserError: if some name a split and some do not, none is in the
            training data, or there are too few units for three splits.
    """
    given = {recording.split for recording in recordings}
    if "" in given and len(given) > 1:
        raise UserError(
            "some recordings name a split and some do not; name it for all, "
            "or for none"
        )
    parts = [recording.split for recording in recordings]
    if given == {""}:
        parts = _sample(recordings, root, ("test", "validation"))
    elif "train" not in given:
        raise UserError("no recording is in the train split")
    elif "validation" not in given:
        train = [i for i, part in enumerate(parts) if part == "train"]
        sampled = _sample(
            [recordings[i] for i in train],
            root,
            ("validation",),
            by_group=not _groups_straddle(recordings),
        )
        for index, part in zip(train, sampled):
            parts[index] = part
    return [
        dataclasses.replace(recording, split=part)
        for recording, part in zip(recordings, parts)
    ]


def _groups_straddle(recordings: list[Recording]) -> bool:
    """Whether the given test set has groups that are trained on as well.

    Then the data set does not ask about unseen groups, and the validation set
    is to be like the test set.
    """
    groups = {
        split: {r.group for r in recordings if r.split == split and r.group}
        for split in ("train", "test")
    }
    return bool(groups["train"] & groups["test"])


def _sample(
    recordings, root, held_out: tuple[str, ...], by_group: bool = True
) -> list[str]:
    """The split of each recording: one of `held_out`, or train."""
    units = collections.defaultdict(list)
    for index, recording in enumerate(recordings):
        units[_unit_name(recording, root, by_group)].append(index)
    if len(units) <= len(held_out):
        raise UserError(
            f"{len(units)} recordings or groups are too few for "
            f"{', '.join(held_out)} and train; add more, or a split column"
        )
    strata = collections.defaultdict(list)
    for name in sorted(units, key=_shuffled):
        classes = {
            next(iter(recordings[index].labels.items()))
            for index in units[name]
        }
        strata[tuple(sorted(classes))].append(name)
    small = [s for s in strata.values() if len(s) < _FEWEST_UNITS]
    large = [s for s in strata.values() if len(s) >= _FEWEST_UNITS]
    pooled = sorted((name for s in small for name in s), key=_shuffled)
    if large and len(pooled) < _FEWEST_UNITS:
        pooled = []  # too few to spare any
    parts = ["train"] * len(recordings)
    for stratum in [*large, pooled]:
        share = max(1, round(_HELD_OUT_SHARE * len(stratum)))
        for place, name in enumerate(stratum[: share * len(held_out)]):
            for index in units[name]:
                parts[index] = held_out[place // share]
    return parts


def _unit_name(recording: Recording, root, by_group: bool) -> str:
    if by_group and recording.group:
        return f"group {recording.group}"
    try:
        path = recording.path.relative_to(root)
    except ValueError:
        path = recording.path
    # Segments of one file belong together.
    return f"file {path.as_posix()}"


def _shuffled(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogateescape")).digest()
