"""Find problems in own recordings before any training."""

from __future__ import annotations

import collections
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from audio_diffstride.audio import truncation
from audio_diffstride.audio.reading import SAMPLE_RATE_HZ
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.errors import UserError, one_line
from audio_diffstride.recordings.decoding import Decoded
from audio_diffstride.recordings.manifest import class_names
from audio_diffstride.recordings.recording import Recording

# A recording below this peak is silent: -80 dB of full scale.
_SILENT_PEAK = 1e-4
# Shorter recordings hold little to classify.
_MIN_LENGTH_S = 0.1
# More samples at full scale than this share mean a wrong recording level.
_MAX_CLIPPED_SHARE = 0.01
_UNREADABLE = "unreadable"


class Problem(NamedTuple):
    """A problem of one recording or class.

    Attributes:
        kind: such as "silent"; a heading of the report.
        detail: the recording or class, and what is wrong.
    """

    kind: str
    detail: str


def find_problems(
    recordings: Sequence[Recording], decoded: Iterable[Decoded]
) -> Iterator[Problem]:
    """Finds all problems of recordings, their segments and their classes.

    Args:
        recordings: with their splits.
        decoded: the same, as `decoding.decode_all` yields them.
    """
    yield from find_bad_samples(decoded)
    yield from find_overlaps(recordings)
    yield from find_odd_classes(recordings)


def print_report(
    recordings: Sequence[Recording], problems: Iterable[Problem]
) -> int:
    """Prints the counts of each split, then the problems by kind.

    Args:
        recordings: with their splits.
        problems: of them.

    Returns:
        How many recordings cannot be used.
    """
    print(summarize(recordings))
    by_kind: dict[str, list[str]] = {}
    for kind, detail in problems:
        by_kind.setdefault(kind, []).append(detail)
    for kind, details in by_kind.items():
        print(f"\n{kind}: {len(details)}")
        print("\n".join(f"  {one_line(detail)}" for detail in details))
    num_unusable = len(by_kind.get(_UNREADABLE, ()))
    num_warnings = sum(map(len, by_kind.values())) - num_unusable
    print(
        f"\n{num_unusable} recordings cannot be used, {num_warnings} warnings"
    )
    return num_unusable


def summarize(recordings: Sequence[Recording]) -> str:
    """The numbers of recordings of each split, and per class."""
    sizes = collections.Counter(r.split for r in recordings)
    counts = _count_classes(recordings)
    lines = [
        f"{len(recordings)} recordings: "
        + ", ".join(f"{sizes[split]} {split}" for split in SPLITS)
    ]
    for task, classes in class_names(recordings).items():
        ranges = []
        for split in SPLITS:
            numbers = [counts[task, split, name] for name in classes]
            ranges.append(f"{min(numbers)} to {max(numbers)} {split}")
        lines.append(f"{task}: {len(classes)} classes of {', '.join(ranges)}")
    return "\n".join(lines)


def find_bad_samples(decoded: Iterable[Decoded]) -> Iterator[Problem]:
    """Finds what cannot be decoded, is cut off, silent, clipped or repeated."""
    first_with: dict[bytes, Recording] = {}  # {hash of the samples: recording}
    cut_off: dict[str, str | None] = {}
    for recording, samples in decoded:
        name = str(recording.path)
        if isinstance(samples, UserError):
            yield Problem(_UNREADABLE, str(samples))
            continue
        if name not in cut_off:  # once per file, not per segment
            cut_off[name] = description = truncation.find(name)
            if description:
                yield Problem("truncated", description)
        levels = samples.astype(np.int32)
        # A constant offset is silent too.
        if np.ptp(levels) / 2 < _SILENT_PEAK * 32768:
            detail = f"{name}: no sound above -80 dB of full scale"
            yield Problem("silent", detail)
        clipped = np.mean((levels >= 32767) | (levels <= -32768))
        if clipped > _MAX_CLIPPED_SHARE:
            detail = f"{name}: {clipped:.1%} of it is at full scale"
            yield Problem("clipped", detail)
        length_s = len(samples) / SAMPLE_RATE_HZ
        if length_s < _MIN_LENGTH_S:
            yield Problem("too short", f"{name}: {length_s:.3f} s")
        digest = hashlib.sha256(samples.tobytes()).digest()
        first = first_with.setdefault(digest, recording)
        if first is not recording:
            where = recording.split
            if first.split != where:
                where = f"{first.split} and {where}: a leak"
            detail = f"{name}: the same as {first.path} ({where})"
            yield Problem("duplicate", detail)


def find_overlaps(recordings: Sequence[Recording]) -> Iterator[Problem]:
    """Finds segments of a file that overlap, but are in different splits."""
    segments = collections.defaultdict(list)
    for recording in recordings:
        end_s = recording.end_s
        segments[str(recording.path)].append(
            (
                recording.start_s or 0.0,
                float("inf") if end_s is None else end_s,
                recording.split,
            )
        )
    for name, of_file in segments.items():
        ends_s: dict[str, float] = {}  # {split: latest end so far}
        for start_s, end_s, split in sorted(of_file):
            for other, other_end_s in ends_s.items():
                if other != split and start_s < other_end_s:
                    yield Problem(
                        "overlap",
                        f"{name}: {other} and {split} both hold what begins at "
                        f"{start_s:g} s: a leak",
                    )
            ends_s[split] = max(end_s, ends_s.get(split, 0.0))


def find_odd_classes(
    recordings: Sequence[Recording], splits: Iterable[str] = SPLITS
) -> Iterator[Problem]:
    """Finds classes missing from a split, and names that differ by case only.

    A class without training examples is never learned. Two names that differ
    only by capital letters are usually meant as one class.

    Args:
        recordings: with their splits.
        splits: where every class should have examples.
    """
    counts = _count_classes(recordings)
    for task, classes in class_names(recordings).items():
        for split in splits:
            for name in classes:
                if not counts[task, split, name]:
                    detail = f"{task} {name}: {split}"
                    yield Problem("class without examples", detail)
        first_with: dict[str, str] = {}
        for name in classes:
            first = first_with.setdefault(name.casefold(), name)
            if first != name:
                yield Problem("classes alike", f"{task}: {first} and {name}")


def _count_classes(recordings: Sequence[Recording]) -> collections.Counter:
    """{(task, split, class): number of recordings}."""
    return collections.Counter(
        (task, recording.split, name)
        for recording in recordings
        for task, name in recording.labels.items()
    )
