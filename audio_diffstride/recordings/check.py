"""What is wrong with a set of recordings, found before any training."""

from __future__ import annotations

import collections
import hashlib

import numpy as np

from audio_diffstride.audio import truncation
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.errors import UserError, one_line
from audio_diffstride.recordings.manifest import class_names
from audio_diffstride.recordings.recording import Recording

SAMPLE_RATE_HZ = 16000
# Of full scale: -80 dB.
_SILENT_PEAK = 1e-4
# Shorter than this there is little to classify.
_SHORT_S = 0.1
# Of the samples at full scale; more are a level that was set wrong.
_CLIPPED_SHARE = 0.01


def run(recordings: list[Recording], decoded, left_out=()) -> int:
    """Prints a report on decoded recordings; the exit status is its verdict.

    Args:
        recordings: with their splits.
        decoded: pairs of a recording and its samples or a UserError.
        left_out: what lies in the folder and is not used; see `manifest`.

    Returns:
        1 if a recording cannot be used, 0 if all can (warnings or not).
    """
    problems = [
        *find_problems(decoded),
        *overlaps(recordings),
        *odd_classes(recordings),
        *(("not used", detail) for detail in left_out),
    ]
    print(summary(recordings))
    for kind, found in group_by_kind(problems).items():
        print(f"\n{kind}: {len(found)}")
        print("\n".join(f"  {one_line(detail)}" for detail in found))
    unusable = sum(kind == "unreadable" for kind, _ in problems)
    print(
        f"\n{unusable} recordings cannot be used, "
        f"{len(problems) - unusable} warnings"
    )
    return 1 if unusable else 0


def find_problems(decoded):
    """Yields (kind, detail) for every recording with a problem."""
    first_with, cut_off = {}, {}
    for recording, samples in decoded:
        name = str(recording.path)
        if isinstance(samples, UserError):
            yield "unreadable", str(samples)
            continue
        if name not in cut_off:  # once, whatever its segments
            cut_off[name] = truncation.find(name)
            if cut_off[name]:
                yield "truncated", cut_off[name]
        levels = samples.astype(np.int32)
        # A constant is no sound.
        if np.ptp(levels) / 2 < _SILENT_PEAK * 32768:
            yield "silent", f"{name}: no sound above -80 dB of full scale"
        clipped = np.mean((levels >= 32767) | (levels <= -32768))
        if clipped > _CLIPPED_SHARE:
            yield "clipped", f"{name}: {clipped:.1%} of it is at full scale"
        if len(samples) < _SHORT_S * SAMPLE_RATE_HZ:
            seconds = len(samples) / SAMPLE_RATE_HZ
            yield "too short", f"{name}: {seconds:.3f} s"
        digest = hashlib.sha256(samples.tobytes()).digest()
        first = first_with.setdefault(digest, recording)
        if first is not recording:
            where = recording.split
            if first.split != where:
                where = f"{first.split} and {where}: a leak"
            yield "duplicate", f"{name}: the same as {first.path} ({where})"


def overlaps(recordings: list[Recording]):
    """Yields (kind, detail) where two splits hold a stretch of one file."""
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
        ends_s = {}  # {split: where its segments so far end}
        for start_s, end_s, split in sorted(of_file):
            for other, other_end_s in ends_s.items():
                if other != split and start_s < other_end_s:
                    yield (
                        "overlap",
                        f"{name}: {other} and {split} both hold what begins at "
                        f"{start_s:g} s: a leak",
                    )
            ends_s[split] = max(end_s, ends_s.get(split, 0.0))


def odd_classes(recordings: list[Recording]):
    """Yields (kind, detail) for classes that are missing in a split, or twins.

    One without training examples is never learned; two whose names differ by
    capitals alone are mostly meant to be one.
    """
    counts = count_classes(recordings)
    for task, classes in class_names(recordings).items():
        for split in SPLITS:
            for name in classes:
                if not counts[task, split, name]:
                    yield "class without examples", f"{task} {name}: {split}"
        folded = {}
        for name in classes:
            first = folded.setdefault(name.casefold(), name)
            if first != name:
                yield "classes alike", f"{task}: {first} and {name}"


def count_classes(recordings: list[Recording]) -> collections.Counter:
    """{(task, split, class): recordings}."""
    return collections.Counter(
        (task, recording.split, name)
        for recording in recordings
        for task, name in recording.labels.items()
    )


def summary(recordings: list[Recording]) -> str:
    """How many recordings each split and class has."""
    sizes = collections.Counter(r.split for r in recordings)
    counts = count_classes(recordings)
    lines = [
        f"{len(recordings)} recordings: "
        + ", ".join(f"{sizes[split]} {split}" for split in SPLITS)
    ]
    for task, classes in class_names(recordings).items():
        per_split = []
        for split in SPLITS:
            numbers = [counts[task, split, name] for name in classes]
            per_split.append(f"{min(numbers)} to {max(numbers)} {split}")
        lines.append(
            f"{task}: {len(classes)} classes of {', '.join(per_split)}"
        )
    return "\n".join(lines)


def group_by_kind(problems) -> dict[str, list[str]]:
    """{kind: details}, in the order of their first appearance."""
    found = {}
    for kind, detail in problems:
        found.setdefault(kind, []).append(detail)
    return found
