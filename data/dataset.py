"""A data set known by name, its labels and the rules of its splits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from audio_diffstride.errors import UserError
from data.contents import ImageContent, SoundContent


@dataclasses.dataclass(frozen=True)
class SplitRule:
    """How to divide the examples into train, validation and test.

    The fingerprint of a store holds the `repr` of its rule. Any change of a
    field, even of the note, means that the store is prepared again.

    Attributes:
        sources: {TFDS split: our split}. Other TFDS splits are not used.
        shares: {split: share} to take out of train, by the hash of an
            example's name. The draw is the same on every machine.
        by_group: whether to hash the group instead, so that it stays together.
        counts: {split: expected examples of the complete data set}. A split
            whose size depends on the hash is left out.
        note: what a result on this split means.
    """

    sources: dict[str, str]
    shares: Mapping[str, float] = dataclasses.field(default_factory=dict)
    by_group: bool = False
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A TFDS data set, and what to take from it.

    Attributes:
        name: in TFDS.
        labels: {task: name of a ClassLabel feature}; "a/b" is nested.
        splits: {name: split rule}; the first is the default.
        module: of our own builder; its import registers it with TFDS.
        file: feature with the name of an example, "" if there is none.
        group: feature with its group, "" if there is none.
        embedded: whether it needs no download.
        by_hand: names of archives that only the user can download.
        content: what its store holds.
    """

    name: str
    labels: dict[str, str]
    splits: dict[str, SplitRule]
    module: str = ""
    file: str = ""
    group: str = ""
    embedded: bool = False
    by_hand: tuple[str, ...] = ()
    content: SoundContent | ImageContent = SoundContent()

    def rule(self, split_name: str) -> tuple[str, SplitRule]:
        """The name and rule of a split; "" is the default.

        Raises:
            UserError: for a name that the data set does not have.
        """
        split_name = split_name or next(iter(self.splits))
        if split_name not in self.splits:
            raise UserError(
                f"{self.name} has no {split_name!r} split; it has "
                f"{', '.join(self.splits)}"
            )
        return split_name, self.splits[split_name]
