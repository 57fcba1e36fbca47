"""The recordings that scored worst, to listen to."""

from __future__ import annotations

import base64
import io
import math
import wave

from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.report import page
from audio_diffstride.report.run import Run

MOST = 10
LONGEST_S = 2.0


def worst(run: Run, task: str, most: int = MOST) -> page.Html:
    """A table of the recordings with the lowest score of their true class.

    Args:
        run: evaluated.
        task: one of its tasks.
        most: how many at most.
    """
    shares = [f"p:{n}" for n in run.evaluation["tasks"][task]["classes"]]
    rows = run.task_table(
        task,
        "recordings.csv",
        ["file", "label", "predicted"],
        ["start_s", "score", *shares],
    )
    rows = sorted(rows, key=lambda row: row["score"])[:most]
    store = _store_of(run, task)
    clips = _clips(store, run.evaluation["split"])
    found = [_index(row, clips) for row in rows]
    parts = []
    if None in found:
        parts.append(
            page.note(
                "Not all of them can be played: ",
                " ".join(run.problems)
                or "the clip store does not hold them any more.",
            )
        )
    lines = []
    for row, index in zip(rows, found):
        predicted = row.get(f"p:{row['predicted']}", math.nan)
        lines.append(
            (
                row["file"],
                "-"
                if index is None
                else _player(clips[index], store.sample_rate_hz, row),
                row["label"],
                row["predicted"],
                f"{row['start_s']:g}",
                f"{100 * row['score']:.1f}",
                f"{100 * predicted:.1f}",
            )
        )
    header = (
        "recording",
        f"listen (first {LONGEST_S:g} s)",
        "true class",
        "predicted",
        "starts at (s)",
        "score of true class (%)",
        "score of predicted (%)",
    )
    caption = f"Lowest scores: {task}"
    return page.join([*parts, page.table(caption, header, lines, 4)])


def _store_of(run: Run, task: str) -> ClipStore | None:
    return next((store for store in run.stores if task in store.tasks), None)


def _clips(store: ClipStore | None, split: str):
    if store is None:
        return None
    try:
        return store.examples(split)
    except (UserError, OSError, ValueError):
        return None


def _index(row, clips) -> int | None:
    """The clip of a row: the same file from the same second on."""
    if clips is None:
        return None
    start_s = row["start_s"]
    for index, file in enumerate(clips.files):
        if file == row["file"] and abs(clips.starts_s[index] - start_s) < 1e-6:
            return index
    return None


def _player(samples, rate_hz: int, row) -> page.Html:
    """Controls with the sound inside the page."""
    label = f"{row['file']}: {row['label']}, taken for {row['predicted']}"
    sound = wav(samples[: round(LONGEST_S * rate_hz)], rate_hz)
    return page.element(
        "audio",
        controls=True,
        preload="none",
        aria_label=label,
        src=f"data:audio/wav;base64,{base64.b64encode(sound).decode()}",
    )


def wav(samples, rate_hz: int) -> bytes:
    """16-bit mono samples as a wav file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(samples.astype("<i2").tobytes())
    return file.getvalue()
