"""The vector of a recording: the mean of its windows' embeddings.

Each window weighs the seconds that it holds, as the logits do in `evaluate`.
Of a file with several labelled segments, a window belongs to each segment that
its middle lies in.
"""

from __future__ import annotations

import collections
import math
import os
from collections.abc import Callable, Sequence

import numpy as np

from audio_diffstride.embeddings import table
from audio_diffstride.errors import UserError
from audio_diffstride.predict import formats
from audio_diffstride.recordings.recording import Recording

_Path = str | os.PathLike[str]


def means(
    path: _Path,
    recordings: Sequence[Recording],
    folder: _Path,
    note: Callable[[str], object] = lambda line: None,
) -> np.ndarray:
    """Reads a table of embeddings, and averages them per recording.

    Args:
        path: of the table. Its files are absolute paths, or relative to the
            current folder or to `folder`.
        recordings: of the labels.
        folder: of the labels.
        note: called with a line about files that have no label.

    Returns:
        float64, of shape (recordings, numbers).

    Raises:
        UserError: for a damaged table, or recordings that it lacks.
    """
    places = collections.defaultdict(list)
    for index, recording in enumerate(recordings):
        places[_normal(recording.path)].append(index)
    found = _Files(path, places, folder)
    seconds = np.zeros(len(recordings))
    total = np.zeros((len(recordings), 0))
    for windows in table.read(path):
        if not total.shape[1]:
            total = np.zeros((len(recordings), windows.embeddings.shape[1]))
        middle_s = (windows.start_s + windows.end_s) / 2
        length_s = windows.end_s - windows.start_s
        for row, name in enumerate(windows.files):
            for index in found.recordings(name):
                if _holds(recordings[index], middle_s[row]):
                    seconds[index] += length_s[row]
                    total[index] += length_s[row] * windows.embeddings[row]
    _refuse_missing(path, recordings, seconds, folder)
    if found.without_label:
        note(
            f"{len(found.without_label)} files of {path} have no label and are "
            f"left out, such as {min(found.without_label)}"
        )
    return total / seconds[:, None]


class _Files:
    """Which recordings a file of the table is."""

    def __init__(
        self, path: _Path, places: dict[str, list[int]], folder: _Path
    ):
        self.without_label: set[str] = set()
        self._path = path
        self._places = places
        self._folder = folder
        self._known: dict[str, list[int]] = {}
        self._name_of: dict[str, str] = {}

    def recordings(self, name: str) -> list[int]:
        """The indices of the recordings in a file."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> list[int]:
        for place in (_normal(name), _normal(os.path.join(self._folder, name))):
            if place not in self._places:
                continue
            other = self._name_of.setdefault(place, name)
            if other != name:
                raise UserError(
                    f"{self._path} has the same recording as {other} and as "
                    f"{name}; remove the rows of one of them"
                )
            return self._places[place]
        self.without_label.add(name)
        return []


def _normal(path: _Path) -> str:
    return formats.text(os.path.normpath(os.path.abspath(path)))


def _holds(recording: Recording, middle_s: float) -> bool:
    end_s = math.inf if recording.end_s is None else recording.end_s
    return (recording.start_s or 0.0) <= middle_s < end_s


def _refuse_missing(
    path: _Path,
    recordings: Sequence[Recording],
    seconds: np.ndarray,
    folder: _Path,
) -> None:
    missing = np.flatnonzero(seconds == 0)
    if not len(missing):
        return
    first = recordings[missing[0]]
    if len(missing) == len(recordings):
        raise UserError(
            f"{path} has no window of any of the recordings, such as "
            f"{first.path}; its column 'file' must hold absolute paths, or "
            f"paths from here or from {folder}"
        )
    segment = "" if first.start_s is None else f" at {first.start_s:g} s"
    raise UserError(
        f"{path} has no window of {len(missing)} of {len(recordings)} "
        f"recordings, such as {first.path}{segment}; embed them too, or take "
        "them out of --data"
    )
