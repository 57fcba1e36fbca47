"""Find recordings that cannot be used, or should not be."""

from __future__ import annotations

import collections
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audio_diffstride.check.copies import Copies
from audio_diffstride.check.sounds import Checked
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import classes
from audio_diffstride.recordings.recording import Recording

UNREADABLE = "unreadable"
# A recording below this peak is silent: -80 dB of full scale.
_SILENT_PEAK = 1e-4
# Shorter recordings hold little to classify.
_MIN_LENGTH_S = 0.1
# More samples at full scale than this share mean a wrong recording level.
_MAX_CLIPPED_SHARE = 0.01


class Problem(NamedTuple):
    """A problem of one recording or class.

    Attributes:
        kind: such as "silent"; a heading of the report.
        detail: the recording or class, and what is wrong.
    """

    kind: str
    detail: str


def find(
    recordings: Sequence[Recording], checked: Checked
) -> Iterator[Problem]:
    """Finds all problems of recordings, their segments and their classes.

    Args:
        recordings: with their splits.
        checked: the same, each with what was measured.
    """
    copies = Copies()
    yield from _of_sounds(checked, copies)
    for detail in copies.near():
        yield Problem("near duplicate", detail)
    yield from _overlaps(recordings)
    for kind, detail in classes.find_odd(recordings):
        yield Problem(kind, detail)


def _of_sounds(checked: Checked, copies: Copies) -> Iterator[Problem]:
    """Finds what cannot be decoded, is cut off, silent, clipped or repeated."""
    seen: set[str] = set()
    for recording, sound in checked:
        name = str(recording.path)
        if isinstance(sound, UserError):
            yield Problem(UNREADABLE, str(sound))
            continue
        if sound.cut_off and name not in seen:  # per file, not per segment
            yield Problem("truncated", sound.cut_off)
        seen.add(name)
        # A constant offset is silent too.
        if sound.amplitude < _SILENT_PEAK:
            detail = f"{name}: no sound above -80 dB of full scale"
            yield Problem("silent", detail)
        if sound.clipped_share > _MAX_CLIPPED_SHARE:
            detail = f"{name}: {sound.clipped_share:.1%} of it is at full scale"
            yield Problem("clipped", detail)
        if sound.length_s < _MIN_LENGTH_S:
            yield Problem("too short", f"{name}: {sound.length_s:.3f} s")
        copy = copies.add(recording, sound)
        if copy:
            yield Problem("duplicate", copy)


def _overlaps(recordings: Sequence[Recording]) -> Iterator[Problem]:
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
