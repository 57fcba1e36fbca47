"""The classes of own recordings, and what is odd about them."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator, Sequence

from audio_diffstride.datasets.kinds import present
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.recordings.manifest import class_names
from audio_diffstride.recordings.recording import Recording


def count(recordings: Sequence[Recording]) -> collections.Counter:
    """{(task, split, class): number of recordings}."""
    return collections.Counter(
        (task, recording.split, name)
        for recording in recordings
        for task, label in recording.labels.items()
        for name in present(label)
    )


def find_odd(
    recordings: Sequence[Recording], splits: Iterable[str] = SPLITS
) -> Iterator[tuple[str, str]]:
    """Finds classes missing from a split, and names that differ by case only.

    A class without training examples is never learned. Two names that differ
    only by capital letters are usually meant as one class.

    Args:
        recordings: with their splits.
        splits: where every class should have examples.

    Yields:
        (kind of problem, class and detail).
    """
    counts = count(recordings)
    for task, classes in class_names(recordings).items():
        for split in splits:
            for name in classes:
                if not counts[task, split, name]:
                    yield "class without examples", f"{task} {name}: {split}"
        first_with: dict[str, str] = {}
        for name in classes:
            first = first_with.setdefault(name.casefold(), name)
            if first != name:
                yield "classes alike", f"{task}: {first} and {name}"
