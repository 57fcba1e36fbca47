"""What a split shares with the recordings that its model trained on.

A score on sound that the model trained on is too high. So is one on other
pieces of the same files. On known groups (speakers, sites, days) it is no
score for new ones. Nearly equal sounds, such as another cut or codec, are found
by fingerprints. In a large data set only `check` does that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator

import numpy as np

from audio_diffstride.audio import fingerprints
from audio_diffstride.datasets.clips import Clips

_KEY_SAMPLES = 32
_MAX_NEAR = 2000  # recordings of both splits: a second or two
_CLIPS_AT_ONCE = 10_000
_Key = tuple[int, bytes]


def describe(
    split: str, clips: Clips, trained_on: Clips, sample_rate_hz: int
) -> Iterator[str]:
    """Yields a sentence for each thing that is shared.

    Args:
        split: its name, for the sentences.
        clips: of the split.
        trained_on: the clips of the training set.
        sample_rate_hz: of both.
    """
    of = f"of {len(clips)} {split} recordings"
    copies = find_copies(clips, trained_on)
    if copies:
        yield (
            f"{len(copies)} {of} are copies of training recordings, such as "
            f"{clips.files[copies[0]]}; the scores are too high"
        )
    if near := find_near(clips, trained_on, sample_rate_hz, copies):
        index, other = near[0]
        yield (
            f"{len(near)} {of} sound like training recordings, such as "
            f"{clips.files[index]} like {trained_on.files[other]}; the scores "
            "may be too high"
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


def find_near(
    clips: Clips, others: Clips, sample_rate_hz: int, copies: Collection[int]
) -> list[tuple[int, int]]:
    """Which clips share a sound with others, but not all samples.

    Args:
        clips: to look for.
        others: to look in.
        sample_rate_hz: of both.
        copies: from `find_copies`.

    Returns:
        (index of a clip, index of one of the others), one for each such clip.
        Pieces of one file are left out. Empty for many recordings.
    """
    if len(clips) + len(others) > _MAX_NEAR:
        return []
    words = [
        fingerprints.of_beginning(each[index], sample_rate_hz)
        for each in (clips, others)
        for index in range(len(each))
    ]
    found: dict[int, int] = {}
    for one, two, _ in fingerprints.find_copies(words):
        other = two - len(clips)
        if one < len(clips) <= two and one not in copies:
            if clips.files[one] != others.files[other]:
                found.setdefault(one, other)
    return sorted(found.items())


def _keys(clips: Clips) -> Iterator[_Key]:
    """The length of each clip, and samples from its middle."""
    for begin in range(0, len(clips), _CLIPS_AT_ONCE):
        chosen = np.arange(begin, min(begin + _CLIPS_AT_ONCE, len(clips)))
        lengths = clips.lengths[chosen]
        middles = clips.windows(chosen, lengths // 2, _KEY_SAMPLES)
        yield from zip(lengths.tolist(), map(np.ndarray.tobytes, middles))


def _digest(samples: np.ndarray) -> bytes:
    return hashlib.blake2b(samples.tobytes()).digest()
