"""What the model answers to silence and noise, where there is nothing to find.

The noise is drawn from a fixed seed. A level is the root mean square of a
window in dB of full scale, 1. White noise has equal power at all frequencies.
Speech-shaped noise approximates the long-term average spectrum of speech
(Byrne et al., 1994): its power density is flat up to 500 Hz, and falls by 9 dB
per octave above.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import Any

import keras
import ml_collections
import numpy as np

from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.runs import loading

SURE = 0.9  # a mean probability above it counts as certain
_LEVELS_DB = (-80, -60, -40, -20)
_MAX_WINDOWS, _MIN_WINDOWS = 8, 4
_MAX_SECONDS = 32  # of all windows of a sound: longer ones are fewer
_FLAT_HZ = 500
_DB_PER_OCTAVE = -9


def describe(model: Any, config: ml_collections.ConfigDict) -> dict[str, Any]:
    """The answers of every task to silence and to noise.

    Args:
        model: an `AudioClassifier`.
        config: of its run.

    Returns:
        "windows": of each sound. "tasks": for each task its "name"; "rows" of
        sound, answer, share of the windows with that answer, and its mean
        probability over all windows; and "taker", see `_taker`. Without tasks
        if an output of the model is not finite. The answer of a task with
        several labels is the most probable class, and the share is that of
        the windows in which it is found.
    """
    num_samples = loading.window_samples(config)
    num_windows = int(_MAX_SECONDS / config.window_s)
    num_windows = max(_MIN_WINDOWS, min(_MAX_WINDOWS, num_windows))
    rows: dict[str, list[tuple[str, str, float, float]]] = {}
    rate_hz = config.front_end.sample_rate_hz
    for sound, windows in _sounds((num_windows, num_samples), rate_hz):
        tensor = keras.ops.convert_to_tensor(windows)
        for task, logits in model(tensor, training=False).items():
            values = keras.ops.convert_to_numpy(logits)
            if not np.isfinite(values).all():
                return {"windows": num_windows, "tasks": []}
            kind = model.kinds[task]
            scores = kind.probabilities(values)
            answer, share, score = _ANSWERS[kind](scores)
            name = model.class_names[task][answer]
            rows.setdefault(task, []).append((sound, name, share, score))
    tasks = [
        {"name": task, "rows": of_task, "taker": _taker(of_task)}
        for task, of_task in rows.items()
    ]
    return {"windows": num_windows, "tasks": tasks}


def _sounds(
    shape: tuple[int, int], rate_hz: int
) -> Iterator[tuple[str, np.ndarray]]:
    """Yields (name, int16 windows of that shape) of every sound."""
    yield "digital silence", np.zeros(shape, np.int16)
    for kind, is_shaped in (("white", False), ("speech-shaped", True)):
        rng = np.random.default_rng(0)
        for level_db in _LEVELS_DB:
            noise = rng.standard_normal(shape)
            if is_shaped:
                noise = shape_as_speech(noise, rate_hz)
            yield f"{kind} noise at {level_db} dB", at_level(noise, level_db)


def shape_as_speech(noise: np.ndarray, rate_hz: int) -> np.ndarray:
    """White noise with the spectrum of speech, of shape (windows, samples)."""
    num_samples = noise.shape[1]
    hz = np.fft.rfftfreq(num_samples, 1 / rate_hz)
    octaves = np.log2(np.maximum(hz, _FLAT_HZ) / _FLAT_HZ)
    gains = 10 ** (_DB_PER_OCTAVE * octaves / 20)
    return np.fft.irfft(np.fft.rfft(noise) * gains, num_samples)


def at_level(noise: np.ndarray, level_db: float) -> np.ndarray:
    """Noise as 16-bit samples, each window at a level in dB of full scale."""
    level = np.sqrt(np.mean(noise**2, axis=1, keepdims=True))
    samples = np.round(noise / level * 10 ** (level_db / 20) * 32768)
    return samples.clip(-32768, 32767).astype(np.int16)


def _answer(scores: np.ndarray) -> tuple[int, float, float]:
    """The class of most windows, its share of them, its mean probability."""
    means = scores.mean(axis=0)
    counts = np.bincount(scores.argmax(axis=1), minlength=len(means))
    answer = int(np.lexsort((means, counts))[-1])
    return answer, float(counts[answer] / len(scores)), float(means[answer])


def _most_probable(scores: np.ndarray) -> tuple[int, float, float]:
    """The class of the highest mean, and its share and mean; see `_answer`."""
    means = scores.mean(axis=0)
    answer = int(means.argmax())
    found = (scores[:, answer] >= SEVERAL_LABELS.threshold).mean()
    return answer, float(found), float(means[answer])


_ANSWERS = {ONE_LABEL: _answer, SEVERAL_LABELS: _most_probable}


def _taker(rows: list[tuple[str, str, float, float]]) -> dict[str, Any] | None:
    """The class that takes most of the sounds with certainty, or None.

    Returns:
        Its "name", and the number of "sounds" above `SURE`.
    """
    certain = collections.Counter(
        answer for _, answer, _, score in rows if score > SURE
    )
    for name, sounds in certain.most_common(1):
        if sounds > len(rows) / 2:
            return {"name": name, "sounds": sounds}
    return None
