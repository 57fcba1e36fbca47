"""Recordings that hold the same sound, exactly or nearly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from audio_diffstride.audio import fingerprints
from audio_diffstride.check.sounds import Measured
from audio_diffstride.recordings.recording import Recording


class Copies:
    """Collects recordings, and finds those that share a sound."""

    def __init__(self) -> None:
        self._first_with: dict[bytes, Recording] = {}  # by hash of the samples
        self._recordings: list[Recording] = []
        self._words: list[np.ndarray] = []

    def add(self, recording: Recording, measured: Measured) -> str:
        """Adds a recording.

        Args:
            recording: with its split.
            measured: of it.

        Returns:
            Of which earlier one it is an exact copy; empty if of none.
        """
        first = self._first_with.setdefault(measured.digest, recording)
        if first is not recording:
            return (
                f"{recording.path}: the same as {first.path} "
                f"({_splits(first, recording)})"
            )
        self._recordings.append(recording)
        self._words.append(measured.words)
        return ""

    def near(self) -> Iterator[str]:
        """Describes the pairs of recordings that share a sound.

        Exact copies are left out. So are segments of one file, which may
        overlap on purpose.
        """
        for one, other, equal in fingerprints.find_copies(self._words):
            first, second = self._recordings[one], self._recordings[other]
            if first.path != second.path:
                yield (
                    f"{second.path}: {equal:.0%} of the fingerprint of "
                    f"{first.path} ({_splits(first, second)})"
                )


def _splits(first: Recording, second: Recording) -> str:
    if first.split == second.split:
        return first.split
    return f"{first.split} and {second.split}: a leak"
