"""Windows of one length out of clips of any: random ones, consecutive ones."""

from __future__ import annotations

import keras
import numpy as np

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.training_examples import TrainingExamples


class TrainingWindows(TrainingExamples):
    """Random windows of clips; see `TrainingExamples`.

    A window lies anywhere inside its clip; a clip shorter than the window
    lies anywhere inside the window, in zeros.

    Args:
        clips: where the windows come from.
        window_samples: length of a window.
        *args: for `TrainingExamples`: batch_size, num_steps, and so on.
        **kwargs: the same.

    The inputs are int16 of shape (batch, samples).
    """

    NUM_RANDOM_VALUES = 1  # where in its clip a window begins

    def __init__(self, clips: Clips, window_samples: int, *args, **kwargs):
        super().__init__(clips, *args, **kwargs)
        self._window_samples = window_samples

    def make_inputs(self, chosen, numbers):
        slack = self._clips.lengths[chosen] - self._window_samples
        # Between the two ends that line up, whichever comes first.
        starts = np.minimum(slack, 0) + np.floor(
            numbers[:, 0] * (np.abs(slack) + 1)
        ).astype(np.int64)
        return self._clips.windows(chosen, starts, self._window_samples)


class EvaluationWindows(keras.utils.PyDataset):
    """Consecutive windows over whole clips; nothing dropped, none twice.

    The last window of a clip is padded with zeros.

    Args:
        clips: where the windows come from.
        window_samples: length of a window.
        batch_size: windows per batch.

    Attributes:
        clip_of_window: the clip that each window is of.
        weights: the share of each window that is not padding.

    Batches are `(waveforms,)`: int16 of shape (batch, samples).
    """

    def __init__(self, clips: Clips, window_samples: int, batch_size: int):
        super().__init__()
        self._clips = clips
        self._window_samples = window_samples
        self._batch_size = batch_size
        num_windows = -(-clips.lengths // window_samples)
        self.clip_of_window = np.repeat(np.arange(len(clips)), num_windows)
        first = np.repeat(np.cumsum(num_windows) - num_windows, num_windows)
        number = np.arange(len(self.clip_of_window)) - first
        self._starts = number * window_samples
        left = clips.lengths[self.clip_of_window] - self._starts
        self.weights = np.minimum(left, window_samples) / window_samples

    def __len__(self):
        return -(-len(self.clip_of_window) // self._batch_size)

    def __getitem__(self, index):
        windows = slice(
            index * self._batch_size, (index + 1) * self._batch_size
        )
        chosen, starts = self.clip_of_window[windows], self._starts[windows]
        return (self._clips.windows(chosen, starts, self._window_samples),)
