"""A short wav and a picture of each detection."""

from __future__ import annotations

import math
import os
import pathlib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.errors import UserError
from audio_diffstride.files import figures
from audio_diffstride.predict import streams
from audio_diffstride.review.selection import Found

_SIZE_IN = (6.0, 2.4)
_RANGE_DB = 80  # of the colours, below the highest value
_MAX_NAME_BYTES = 80
_UNSAFE = re.compile(r"[^\w .+-]|^[. ]+|[. ]+$")


def names(found: Sequence[Found]) -> list[pathlib.PurePath]:
    """A name for the files of each detection, without a suffix.

    They are in a folder per class, and begin with the score, so that a folder
    is sorted by it. No two differ by capitals alone.
    """
    folders: dict[tuple[str, str], str] = {}
    several = len({one.task for one in found}) > 1
    taken: set[str] = set()
    result = []
    for one in found:
        key = one.task, one.label
        if key not in folders:
            task = f"{safe(one.task)}_" if several else ""
            folders[key] = _free(f"{task}{safe(one.label)}", taken)
        stem = safe(one.path.stem)
        name = f"{one.score:.2f}_{stem}_{one.start_s:.1f}s"
        result.append(pathlib.PurePath(_free(f"{folders[key]}/{name}", taken)))
    return result


def safe(name: str) -> str:
    """A part of a name that every file system takes.

    >>> safe("a/b: *"), safe("..")
    ('a_b_ _', '_')
    """
    text = _UNSAFE.sub("_", name).encode()[:_MAX_NAME_BYTES]
    return text.decode(errors="ignore").rstrip(". ") or "_"


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free.casefold())
    return free


class ClipWriter:
    """Writes the clips.

    Args:
        front_end: a `LogMelSpectrogram`.
        margin_s: of sound before and after each detection.
    """

    def __init__(self, front_end: Any, margin_s: float):
        self._front_end = front_end
        self._margin_s = margin_s

    def write(self, found: Found, path: pathlib.Path) -> None:
        """Writes the wav and the picture of a detection.

        Args:
            found: the detection.
            path: of both files, without their suffixes.

        Raises:
            UserError: for a recording that cannot be read.
        """
        import soundfile

        path.parent.mkdir(parents=True, exist_ok=True)
        length_s, rate_hz = streams.read_header(found.path)
        start_s = max(found.start_s - self._margin_s, 0.0)
        end_s = found.end_s + self._margin_s
        end_s = max(min(end_s, length_s or end_s), found.end_s)
        try:
            samples = read_audio(found.path, rate_hz, start_s, end_s)
        except UserError:  # its header promises more than it holds
            end_s = found.end_s
            samples = read_audio(found.path, rate_hz, start_s, end_s)
        soundfile.write(f"{path}.wav", samples, rate_hz, subtype="PCM_16")
        model_hz = self._front_end.sample_rate_hz
        if rate_hz != model_hz:
            samples = read_audio(found.path, model_hz, start_s, end_s)
        self._draw(found, samples, start_s, f"{path}.png")

    def _draw(
        self, found: Found, samples: np.ndarray, start_s: float, path: str
    ) -> None:
        front_end = self._front_end
        features = np.array(front_end(samples[None]))[0, :, :, 0]
        decibels = features.T * (10 / math.log(10))
        end_s = start_s + len(samples) / front_end.sample_rate_hz
        with figures.new_figure(*_SIZE_IN) as figure:
            panel = figure.subplots()
            panel.imshow(
                decibels,
                origin="lower",
                aspect="auto",
                interpolation="nearest",
                cmap="magma",
                vmin=decibels.max() - _RANGE_DB,
                extent=(start_s, end_s, -0.5, len(decibels) - 0.5),
            )
            for outside in (
                (start_s, found.start_s),
                (min(found.end_s, end_s), end_s),
            ):
                if outside[0] < outside[1]:
                    panel.axvspan(*outside, color="black", alpha=0.5, lw=0)
            for edge in (found.start_s, found.end_s):
                panel.axvline(edge, color="white", lw=1)
            panel.set_xlim(start_s, end_s)
            bands = np.linspace(0, len(decibels) - 1, 4).round().astype(int)
            centres_hz = front_end.band_centres_hz[bands]
            panel.set_yticks(bands, [f"{hz:,.0f}" for hz in centres_hz])
            panel.set_ylabel("Hz")
            panel.set_xlabel("s")
            name = os.fsencode(found.path.name).decode("utf-8", "replace")
            panel.set_title(f"{found.label}  {found.score:.2f}   {name}")
            figure.savefig(path, dpi=100, format="png")
