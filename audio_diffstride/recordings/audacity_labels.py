"""Read label tracks of Audacity (File > Export > Export Labels).

A line is the begin, the end and the text, separated by tabs. Lines that begin
with a backslash hold frequencies, and are left out.
"""

from __future__ import annotations

import pathlib
import re

from audio_diffstride.errors import UserError
from audio_diffstride.recordings import table_text
from audio_diffstride.recordings.annotation import Annotation
from audio_diffstride.recordings.class_folders import FOLDER_TASK
from audio_diffstride.recordings.recording import (
    Recording,
    check_name,
    read_times,
)

# What `predict --format audacity` adds to the class.
_WITH_SCORE = re.compile(r"(.+) ([01]\.\d\d)(?: \(padded\))?")
_START, _END = "start", "end"


def read(path: pathlib.Path, recording: Recording) -> list[Annotation]:
    """Lists the labels of a track.

    Where every text ends in a score, as `predict` writes it, it is taken off.

    Args:
        path: the track.
        recording: the one that it is of.

    Raises:
        UserError: for a file that is no label track. It names the line.
    """
    rows = []
    lines = table_text.read_text(path).splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("\\"):
            continue
        where = f"{path}, line {number}"
        cells = line.split("\t")
        if len(cells) < 3 or not cells[2].strip():
            raise UserError(
                f"{where}: not a begin, an end and a text separated by tabs; "
                "export labels from Audacity, or give a Raven selection table"
            )
        times = {_START: cells[0].strip(), _END: cells[1].strip()}
        times = {name: text.replace(",", ".") for name, text in times.items()}
        if not all(times.values()) or times[_START] == times[_END]:
            raise UserError(
                f"{where}: {cells[2].strip()!r} marks a point; drag it to a "
                "stretch of time, or remove it"
            )
        start_s, end_s = read_times(where, times, _START, _END)
        rows.append((where, start_s, end_s, cells[2].strip()))
    scored = [_WITH_SCORE.fullmatch(text) for *_, text in rows]
    annotations = []
    for (where, start_s, end_s, text), match in zip(rows, scored):
        score = None
        if match and all(scored):
            text, score = match[1], float(match[2])
        segment = Recording(
            recording.path,
            {FOLDER_TASK: check_name(where, text)},
            recording.split,
            "",
            start_s,
            end_s,
        )
        annotations.append(Annotation(where, segment, score))
    return annotations
