"""A row of a table of annotations, and the files that they are of."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterable

from audio_diffstride.audio import reading
from audio_diffstride.errors import UserError
from audio_diffstride.recordings.recording import Recording

# An annotation may end this long after its recording: times are rounded.
_END_TOLERANCE_S = 0.05
_MAX_DURATION_S = 48 * 3600


@dataclasses.dataclass(frozen=True)
class Annotation:
    """A row of a table of annotations.

    Attributes:
        where: its table and row, for messages.
        segment: the file, the time and the labels. Without a time nothing in
            the file is annotated, and all of it is background.
        score: how probable it is to the one who wrote it, if known.
    """

    where: str
    segment: Recording
    score: float | None = None

    def times_s(self, duration_s: float) -> tuple[float, float]:
        """Begin and end in a recording of this length.

        Raises:
            UserError: if it ends after the recording.
        """
        start_s = self.segment.start_s or 0.0
        end_s = self.segment.end_s
        end_s = duration_s if end_s is None else end_s
        if end_s > duration_s + _END_TOLERANCE_S or start_s >= duration_s:
            raise UserError(
                f"{self.where}: the annotation from {start_s:g} to {end_s:g} s "
                f"is beyond the end of {self.segment.path}, which is "
                f"{duration_s:.3f} s long; correct its times"
            )
        return start_s, min(end_s, duration_s)


def by_file(
    annotations: Iterable[Annotation],
) -> dict[pathlib.Path, list[Annotation]]:
    """The annotations of each file.

    Raises:
        UserError: for rows of a file that differ in split or group.
    """
    files: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        segment = annotation.segment
        of_file = files.setdefault(os.path.normpath(segment.path), [])
        of_file.append(annotation)
        for field in ("split", "group"):
            this = getattr(segment, field)
            first = getattr(of_file[0].segment, field)
            if first != this:
                raise UserError(
                    f"{annotation.where}: the {field} of {segment.path} is "
                    f"{this!r}, but {first!r} in {of_file[0].where}; give all "
                    "rows of a file the same"
                )
    return {of[0].segment.path: of for of in files.values()}


def measure_s(path: pathlib.Path) -> float:
    """The length of a recording; decoded where its header does not say it.

    Raises:
        UserError: for a file that cannot be read.
    """
    with reading.open_recording(path, path) as file:
        rate_hz = file.samplerate
        frames = reading.frames_in_header(file)
        if frames is None:
            blocks = reading.read_mono_blocks(file, path, rate_hz)
            frames = sum(map(len, blocks))
        if frames > _MAX_DURATION_S * rate_hz:
            raise UserError(
                f"{path} claims to be {frames / rate_hz / 3600:,.0f} hours "
                f"long, but may have {_MAX_DURATION_S / 3600:.0f} to be cut "
                "into windows; split it"
            )
        return frames / rate_hz
