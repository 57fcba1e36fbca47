"""How steady decisions are when a window moves by one frame after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.kinds import are_known
from audio_diffstride.evaluation import inference

NUM_HOPS = 16  # the product of the networks' strides along time, in frames


class ShiftedWindows:
    """Windows of clips, each at `NUM_HOPS` + 1 starts a hop apart.

    A clip has as many windows, end to end, as it has room for at all starts;
    they lie in its middle. A clip too short for one window moves through the
    middle of it, between zeros.

    Args:
        clips: the source.
        window_samples: length of a window.
        hop_samples: from one start to the next.
        batch_size: windows per batch.

    Attributes:
        clip_of_window: index of the clip of each window at the first start.

    Batches are as of `EvaluationWindows`: all windows at the first start, then
    all at the second, and so on.
    """

    def __init__(
        self,
        clips: Clips,
        window_samples: int,
        hop_samples: int,
        batch_size: int = 64,
    ):
        self._clips = clips
        self._window_samples = window_samples
        self._batch_size = batch_size
        room = clips.lengths - NUM_HOPS * hop_samples
        num_windows = np.maximum(room // window_samples, 1)
        self.clip_of_window = np.repeat(np.arange(len(clips)), num_windows)
        before = np.repeat(np.cumsum(num_windows) - num_windows, num_windows)
        number = np.arange(len(before)) - before
        first = (room - num_windows * window_samples) // 2
        starts = first[self.clip_of_window] + number * window_samples
        shifts = np.arange(NUM_HOPS + 1)[:, None] * hop_samples
        self._starts = (shifts + starts).ravel()
        self._chosen = np.tile(self.clip_of_window, NUM_HOPS + 1)

    def __len__(self) -> int:
        return -(-len(self._starts) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray]:
        rows = slice(index * self._batch_size, (index + 1) * self._batch_size)
        return (
            self._clips.windows(
                self._chosen[rows], self._starts[rows], self._window_samples
            ),
        )


def measure(
    model: Any, clips: Clips, window_samples: int, hop_samples: int
) -> Iterator[dict[str, Any]]:
    """One row per task and distance of two starts; see `steadiness`.

    Args:
        model: a classifier of tasks with one label.
        clips: labelled recordings.
        window_samples: length of a window.
        hop_samples: of the front end.
    """
    windows: Any = ShiftedWindows(clips, window_samples, hop_samples)
    found = inference.window_logits(model, windows, clips.labels)
    for task, logits in found.items():
        by_start = logits.reshape(NUM_HOPS + 1, -1, logits.shape[-1])
        labels = clips.labels[task][windows.clip_of_window]
        known = are_known(labels)
        for row in steadiness(by_start[:, known], labels[known]):
            yield {"task": task, "windows": int(known.sum()), **row}


def steadiness(
    logits: np.ndarray, labels: np.ndarray
) -> Iterator[dict[str, Any]]:
    """What changes between two starts, by their distance.

    Args:
        logits: of shape (starts, windows, classes).
        labels: the true class of each window.

    Yields:
        hops: the distance.
        changed: the share of pairs of windows with different decisions.
        margin_change: the mean absolute difference of the margins, the logit
            of the true class less the highest other. Divided by the standard
            deviation of all margins, so that the scale of logits is no matter.
    """
    decisions = logits.argmax(-1)
    margins = true_margins(logits, labels)
    scale = margins.std()
    for hops in range(1, len(logits)):
        moved = np.abs(margins[hops:] - margins[:-hops])
        yield {
            "hops": hops,
            "changed": float(np.mean(decisions[hops:] != decisions[:-hops])),
            "margin_change": float(moved.mean() / scale),
        }


def true_margins(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The logit of the true class less the highest other."""
    is_true = np.arange(logits.shape[-1]) == labels[:, None]
    others = np.where(is_true, -np.inf, logits).max(-1)
    return np.where(is_true, logits, -np.inf).max(-1) - others
