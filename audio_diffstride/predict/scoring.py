"""Logits of windows, computed in batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from audio_diffstride import backends
from audio_diffstride.predict.detections import ScoredWindow
from audio_diffstride.predict.streams import Window

if TYPE_CHECKING:
    from audio_diffstride.export.runtimes import ExportedModel

# Zeros fill a batch up to the next of these sizes.
_BATCH_SIZES = (1, 8, 32)
_BATCH_SECONDS = 60  # longer windows come in smaller batches
_EXPORTED_BATCH_SIZE = 8


class WindowScorer:
    """A Keras model, compiled for windows of one length.

    Each batch size is compiled once, with a fixed shape. So the logits of a
    recording do not depend on what was scored before.

    Args:
        model: an `AudioClassifier`.
        window_samples: length of a window.
    """

    def __init__(self, model: Any, window_samples: int):
        from audio_diffstride.backends.forward import forward  # loads Keras

        backends.make_deterministic()
        window_s = window_samples / model.front_end.sample_rate_hz
        self._functions = {
            size: forward(model, size, window_samples)
            for size in _BATCH_SIZES
            if size == 1 or size * window_s <= _BATCH_SECONDS
        }
        self._window_samples = window_samples
        self._batch_size = max(self._functions)

    def warm_up(self) -> None:
        """Computes a full batch: later times then exclude the compilation."""
        silence = np.zeros(self._window_samples, np.int16)
        self._logits([silence] * self._batch_size)

    def __call__(
        self, windows: Iterable[Window]
    ) -> Iterator[list[ScoredWindow]]:
        """Scores the windows of one recording, in order.

        Yields:
            The windows of a batch, with their logits.
        """
        windows = iter(windows)
        while batch := list(itertools.islice(windows, self._batch_size)):
            logits = self._logits([window.samples for window in batch])
            yield [
                ScoredWindow(
                    start_sample=window.start_sample,
                    end_sample=window.start_sample + window.held_samples,
                    padded=window.padded,
                    windows=1,
                    logits={task: rows[i] for task, rows in logits.items()},
                )
                for i, window in enumerate(batch)
            ]

    def _logits(self, windows: list[np.ndarray]) -> dict[str, np.ndarray]:
        size = min(size for size in self._functions if size >= len(windows))
        waveforms = np.zeros((size, self._window_samples), np.int16)
        waveforms[: len(windows)] = windows
        return self._functions[size](waveforms)


class ExportedScorer(WindowScorer):
    """The same with an exported file, without TensorFlow.

    Args:
        model: the file.
        embeds: whether to score by the embedding instead of the logits.
    """

    def __init__(self, model: ExportedModel, embeds: bool = False):
        self._model = model
        self._embeds = embeds
        self._window_samples = model.window_samples
        self._batch_size = _EXPORTED_BATCH_SIZE

    def _logits(self, windows: list[np.ndarray]) -> dict[str, np.ndarray]:
        waveforms = np.stack(windows)
        if self._embeds:
            return self._model.embeddings(waveforms)
        return self._model.logits(waveforms)
