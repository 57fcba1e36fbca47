"""The model over windows of any number, in batches of a few fixed sizes."""

from __future__ import annotations

import collections.abc
import itertools

import numpy as np

from audio_diffstride import backends
from audio_diffstride.backends.forward import forward
from audio_diffstride.predict.detections import ScoredWindow
from audio_diffstride.predict.streams import Window

# A batch is filled up with zeros to the next of these.
_BATCH_SIZES = (1, 8, 32)
_BATCH_SECONDS = 60  # longer windows come in smaller batches


class WindowScorer:
    """A model, compiled for windows of one length.

    Each batch size is compiled once, with its shape fixed, so that the logits
    of a recording depend on nothing that was scored before it.

    Args:
        model: an `AudioClassifier`.
        window_samples: length of a window.
    """

    def __init__(self, model, window_samples: int):
        backends.make_deterministic()
        self._window_samples = window_samples
        window_s = window_samples / model.front_end.sample_rate_hz
        self._functions = {
            size: forward(model, size, window_samples)
            for size in _BATCH_SIZES
            if size == 1 or size * window_s <= _BATCH_SECONDS
        }

    def warm_up(self):
        """Compiles the largest batch, so that no estimate of time has it."""
        size = max(self._functions)
        self._functions[size](np.zeros((size, self._window_samples), np.int16))

    def __call__(
        self, windows: collections.abc.Iterable[Window]
    ) -> collections.abc.Iterator[list[ScoredWindow]]:
        """Scores windows in order.

        Args:
            windows: of one recording.

        Yields:
            A batch of them, with logits, at a time.
        """
        windows = iter(windows)
        while batch := list(itertools.islice(windows, max(self._functions))):
            size = min(s for s in self._functions if s >= len(batch))
            waveforms = np.zeros((size, self._window_samples), np.int16)
            for row, window in enumerate(batch):
                waveforms[row] = window.samples
            logits = self._functions[size](waveforms)
            yield [
                ScoredWindow.of(window, logits, row)
                for row, window in enumerate(batch)
            ]
