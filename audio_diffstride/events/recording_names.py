"""Which annotated recording a detection is in, by the name of its file."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Sequence

from audio_diffstride.errors import UserError


class RecordingNames:
    """Finds the annotated recording that a detection is in, by its name.

    The one is found that has most of the last parts of the path in common.
    """

    def __init__(self, files: Sequence[pathlib.Path]):
        self._by_name: dict[str, list[int]] = {}
        self._files = [file.absolute() for file in files]
        for number, file in enumerate(files):
            self._by_name.setdefault(file.name, []).append(number)
        self._found: dict[pathlib.Path, int | None] = {}

    def find(self, path: pathlib.Path, where: str) -> int | None:
        """The number of the recording; None if it is not annotated.

        Raises:
            UserError: if it may be one of several.
        """
        if path not in self._found:
            self._found[path] = self._search(path, where)
        return self._found[path]

    def _search(self, path: pathlib.Path, where: str) -> int | None:
        candidates = self._by_name.get(path.name, [])
        common = [_common(self._files[n].parts, path.parts) for n in candidates]
        best = [n for n, c in zip(candidates, common) if c == max(common)]
        if len(best) > 1:
            raise UserError(
                f"{where}: {path} may be {self._files[best[0]]} or "
                f"{self._files[best[1]]}; write more of its path"
            )
        return best[0] if best else None


def _common(one: Iterable[str], other: Iterable[str]) -> int:
    """How many of the last parts of two paths are equal."""
    count = 0
    for first, second in zip(reversed([*one]), reversed([*other])):
        if first != second:
            break
        count += 1
    return count
