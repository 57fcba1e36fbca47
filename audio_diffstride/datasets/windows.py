"""Cut clips into windows of one length: random ones, evenly spaced ones."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from audio_diffstride.datasets.augmentation import Augmentation
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.training_examples import Batch, TrainingExamples


class TrainingWindows(TrainingExamples):
    """Batches of random windows of clips.

    A window lies at a random place in its clip. A clip shorter than the window
    lies at a random place in the window, padded with zeros.

    Args:
        clips: the source.
        window_samples: length of a window.
        *args: of `TrainingExamples`: batch_size, num_steps, and so on.
        augmentation: what changes the windows; nothing by default.
        **kwargs: of `TrainingExamples`.

    The inputs are int16 of shape (batch, samples).
    """

    NUM_RANDOM_VALUES = 1  # for the start of the window

    def __init__(
        self,
        clips: Clips,
        window_samples: int,
        *args: Any,
        augmentation: Augmentation = Augmentation(),
        **kwargs: Any,
    ):
        super().__init__(clips, *args, **kwargs)
        self._clips = clips
        self._window_samples = window_samples
        self._augmentation = augmentation

    def __getitem__(self, index: int) -> Batch:
        waveforms, labels, weights = super().__getitem__(index)
        if self._augmentation.is_on:
            step = self._first_step + index
            rows = range(self._batch_size)[self._rows]
            self._augmentation.apply(waveforms, self._seed, step, rows)
        return waveforms, labels, weights

    def make_inputs(
        self, chosen: np.ndarray, numbers: np.ndarray
    ) -> np.ndarray:
        """The windows of a batch; see `TrainingExamples.make_inputs`."""
        slack = self._clips.lengths[chosen] - self._window_samples
        # From 0 to `slack`, or from `slack` to 0 for a short clip.
        starts = np.minimum(slack, 0) + np.floor(
            numbers[:, 0] * (np.abs(slack) + 1)
        ).astype(np.int64)
        return self._clips.windows(chosen, starts, self._window_samples)


class EvaluationWindows(keras.utils.PyDataset):
    """Windows at even distances that hold every sample of every clip.

    The last window of a clip is the first that reaches its end. It is padded
    with zeros.

    Args:
        clips: the source.
        window_samples: length of a window.
        batch_size: windows per batch.
        hop_samples: from the start of one window to the next, at most
            `window_samples`. 0 is `window_samples`: they hold every sample
            once.

    Attributes:
        clip_of_window: index of the clip of each window.
        weights: the share of each window that is not padding.

    Batches are `(waveforms,)`: int16 of shape (batch, samples).
    """

    def __init__(
        self,
        clips: Clips,
        window_samples: int,
        batch_size: int,
        hop_samples: int = 0,
    ):
        super().__init__()
        hop_samples = hop_samples or window_samples
        self._clips = clips
        self._window_samples = window_samples
        self._batch_size = batch_size
        past_first = np.maximum(clips.lengths - window_samples, 0)
        num_windows = 1 + -(-past_first // hop_samples)
        self.clip_of_window = np.repeat(np.arange(len(clips)), num_windows)
        first = np.repeat(np.cumsum(num_windows) - num_windows, num_windows)
        number = np.arange(len(self.clip_of_window)) - first
        self._starts = number * hop_samples
        left = clips.lengths[self.clip_of_window] - self._starts
        self.weights = np.minimum(left, window_samples) / window_samples

    def __len__(self) -> int:
        return -(-len(self.clip_of_window) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray]:
        windows = slice(
            index * self._batch_size, (index + 1) * self._batch_size
        )
        chosen, starts = self.clip_of_window[windows], self._starts[windows]
        return (self._clips.windows(chosen, starts, self._window_samples),)
