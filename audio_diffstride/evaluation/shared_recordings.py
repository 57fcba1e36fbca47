"""What a split shares with the recordings that its model trained on.

A score on sound that the model trained on is too high. So is one on other
pieces of the same files. On known groups (speakers, sites, days) it is no
score for new ones. `check` also finds nearly equal sounds, which takes longer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from audio_diffstride.datasets.clips import Clips

_KEY_SAMPLES = 32
_CLIPS_AT_ONCE = 10_000
_Key = tuple[int, bytes]


def describe(split: str, clips: Clips, trained_on: Clips) -> Iterator[str]:
    """Yields a sentence for each thing that is shared.

    Args:
        split: its name, for the sentences.
        clips: of the split.
        trained_on: the clips of the training set.
    """
    of = f"of {len(clips)} {split} recordings"
    if copies := find_copies(clips, trained_on):
        yield (
            f"{len(copies)} {of} are copies of training recordings, such as "
            f"{clips.files[copies[0]]}; the scores are too high"
        )
    known_files = ({*clips.files} - {""}).intersection(trained_on.files)
    same_file = [f for f in clips.files if f in known_files]
    if same_file:
        yield (
            f"{len(same_file)} {of} are of files that training has other "
            f"pieces of, such as {same_file[0]}; the scores may be too high"
        )
    groups = {*clips.groups} - {""}
    if known := groups.intersection(trained_on.groups):
        yield (
            f"{len(known)} of {len(groups)} groups of the {split} recordings "
            f"are in the training set too, such as {min(known)}; the scores "
            "say little about new groups"
        )


def find_copies(clips: Clips, others: Clips) -> list[int]:
    """The indices of the clips that hold the same samples as one of others.

    Some samples of every clip are compared first. So a large training set is
    not read as a whole, and memory holds what is known of `clips` only.
    """
    alike: dict[_Key, list[int]] = {}
    for index, key in enumerate(_keys(clips)):
        alike.setdefault(key, []).append(index)
    sounds: dict[_Key, dict[bytes, list[int]]] = {}  # not found yet
    found: list[int] = []
    for index, key in enumerate(_keys(others)):
        if key not in alike:
            continue
        if key not in sounds:
            sounds[key] = {}
            for one in alike[key]:
                sounds[key].setdefault(_digest(clips[one]), []).append(one)
        found += sounds[key].pop(_digest(others[index]), [])
        if not sounds[key]:
            del alike[key]
    return sorted(found)


def _keys(clips: Clips) -> Iterator[_Key]:
    """The length of each clip, and samples from its middle."""
    for begin in range(0, len(clips), _CLIPS_AT_ONCE):
        chosen = np.arange(begin, min(begin + _CLIPS_AT_ONCE, len(clips)))
        lengths = clips.lengths[chosen]
        middles = clips.windows(chosen, lengths // 2, _KEY_SAMPLES)
        yield from zip(lengths.tolist(), map(np.ndarray.tobytes, middles))


def _digest(samples: np.ndarray) -> bytes:
    return hashlib.blake2b(samples.tobytes()).digest()
