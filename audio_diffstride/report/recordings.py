"""The recordings with the lowest scores, to listen to."""

from __future__ import annotations

import base64
import io
import math
import wave
from collections.abc import Mapping
from typing import Any

import numpy as np

from audio_diffstride.errors import UserError
from audio_diffstride.report.run import Run
from audio_diffstride.runs import layout

_MAX_RECORDINGS = 10
MAX_SOUND_S = 2.0


def worst(run: Run, task: str) -> dict[str, Any]:
    """The recordings with the lowest score of their true class.

    Args:
        run: evaluated.
        task: one of its tasks.

    Returns:
        "rows": file, label, predicted, start_s, score (of the true class),
        predicted_score and sound (see `player`). "problem": why some sounds
        are missing, or None. "seconds": the longest sound.
    """
    assert run.evaluation is not None
    shares = [f"p:{n}" for n in run.evaluation["tasks"][task]["classes"]]
    texts = ["file", "label", "predicted"]
    numbers = ["start_s", "score", *shares]
    rows = run.task_table(task, layout.RECORDINGS, texts, numbers)
    rows = sorted(rows, key=lambda row: row["score"])[:_MAX_RECORDINGS]
    store = next((store for store in run.stores if task in store.tasks), None)
    for row in rows:
        for name in ("label", "predicted"):
            row[name] = row[name] or "none"  # of several labels
        row["sound"] = None
        row["predicted_score"] = row.get(f"p:{row['predicted']}", math.nan)
    if store is not None:
        _add_sounds(rows, store, run.evaluation["split"])
    problem = None
    if any(row["sound"] is None for row in rows):
        gone = "the clip store does not hold them any more."
        problem = " ".join(run.problems) or gone
    return {"rows": rows, "problem": problem, "seconds": MAX_SOUND_S}


def _add_sounds(rows: list[dict[str, Any]], store: Any, split: str) -> None:
    """Adds the sound of each row, as far as the store has it."""
    try:
        clips = store.examples(split)
    except (UserError, OSError, ValueError):
        return
    for row in rows:
        is_start = np.abs(clips.starts_s - row["start_s"]) < 1e-6
        there = np.flatnonzero(is_start & (clips.files == row["file"]))
        for index in there[:1]:
            row["sound"] = player(clips[index], store.sample_rate_hz, row)


def player(
    samples: np.ndarray, rate_hz: int, row: Mapping[str, Any]
) -> dict[str, str]:
    """The start of a recording, to be played on the page.

    Args:
        samples: 16-bit, mono.
        rate_hz: of the samples.
        row: file, label and predicted of the recording.

    Returns:
        "label": for screen readers; "url": a wav file as a data URL.
    """
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        samples = samples[: round(MAX_SOUND_S * rate_hz)]
        writer.writeframes(samples.astype("<i2").tobytes())
    encoded = base64.b64encode(file.getvalue()).decode()
    return {
        "label": f"{row['file']}: {row['label']}, taken for {row['predicted']}",
        "url": f"data:audio/wav;base64,{encoded}",
    }
