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
    known_files = {*trained_on.files} - {""}
    same_file = [f for f in clips.files if f in known_files]
    if same_file:
        yield (
            f"{len(same_file)} {of} are of files that training has other "
            f"pieces of, such as {same_file[0]}; the scores may be too high"
        )
    groups = {*clips.groups} - {""}
    if known := groups & {*trained_on.groups}:
        yield (
            f"{len(known)} of {len(groups)} groups of the {split} recordings "
            f"are in the training set too, such as {min(known)}; the scores "
            "say little about new groups"
        )


def find_copies(clips: Clips, others: Clips) -> list[int]:
    """The indices of the clips that hold the same samples as one of others.

    Some samples of every clip are compared first. So a large training set is
    not read as a whole.
    """
    places: dict[tuple[int, bytes], list[int]] = {}
    for index in range(len(others)):
        places.setdefault(_key(others, index), []).append(index)
    digests: dict[int, bytes] = {}
    found = []
    for index in range(len(clips)):
        alike = places.get(_key(clips, index), [])
        if not alike:
            continue
        digest = _digest(clips[index])
        for other in alike:
            if other not in digests:
                digests[other] = _digest(others[other])
            if digests[other] == digest:
                found.append(index)
                break
    return found


def _key(clips: Clips, index: int) -> tuple[int, bytes]:
    """The length of a clip, and samples from its middle."""
    length = int(clips.lengths[index])
    begin = int(clips.offsets[index]) + length // 2
    end = begin + min(_KEY_SAMPLES, length - length // 2)
    return length, clips.samples[begin:end].tobytes()


def _digest(samples: np.ndarray) -> bytes:
    return hashlib.blake2b(samples.tobytes()).digest()
