"""Cut clips into windows of one length: random ones, evenly spaced ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from audio_diffstride.datasets import streams
from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.mixing import mix_labels
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.streams import Purpose
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
        num_classes: {task: number of classes}, needed to mix labels.
        first_row: of these windows in a batch that holds others before them.
            So two data sets are not changed by the same numbers.
        **kwargs: of `TrainingExamples`.

    The inputs are int16 of shape (batch, samples). With masks they are
    {"examples": these, "time_masks": ..., "frequency_masks": ...}. Where
    windows are mixed, the labels are shares of the classes, of shape (batch,
    classes).
    """

    NUM_RANDOM_VALUES = 1  # for the start of the window

    def __init__(
        self,
        clips: Clips,
        window_samples: int,
        *args: Any,
        augmentation: Augmentation = Augmentation(),
        num_classes: Mapping[str, int] | None = None,
        first_row: int = 0,
        **kwargs: Any,
    ):
        super().__init__(clips, *args, **kwargs)
        self._clips = clips
        self._window_samples = window_samples
        self._augmentation = augmentation
        self._num_classes = num_classes or {}
        self._first_row = first_row

    def draw(self, step: int, rows: np.ndarray) -> Batch:
        change, stream = self._augmentation, (self._seed, step)
        places = self._first_row + rows
        if change.mixing.is_on:
            windows, labels, weights = self._draw_mixed(step, rows)
        else:
            windows, labels, weights = super().draw(step, rows)
        if change.background.is_on:
            change.background.apply(windows, *stream, places)
        if change.gain_and_noise.is_on:
            # Earlier runs began to count anew in each data set.
            change.gain_and_noise.apply(windows, *stream, rows)
        if change.masks.is_on:
            masks = change.masks.draw(*stream, places)
            return {"examples": windows, **masks}, labels, weights
        return windows, labels, weights

    def _draw_mixed(self, step: int, rows: np.ndarray) -> Batch:
        """Mixtures of the windows of some rows with those of their partners."""
        mixing = self._augmentation.mixing
        partners, shares = mixing.draw(
            self._seed, step, self._batch_size, self._first_row
        )
        partners, shares = partners[rows], shares[rows]
        drawn = np.union1d(rows, partners)
        windows, labels, weights = super().draw(step, drawn)
        first = np.searchsorted(drawn, rows)
        second = np.searchsorted(drawn, partners)
        mixtures = np.empty((len(rows), self._window_samples), np.int16)
        for mixture, one, other, share in zip(mixtures, first, second, shares):
            mixture[:] = mixing.mix(windows[one], windows[other], share)
        for task in labels:
            labels[task], weights[task] = mix_labels(
                (labels[task][first], labels[task][second]),
                (weights[task][first], weights[task][second]),
                shares,
                self._num_classes[task],
            )
        return mixtures, labels, weights

    def make_inputs(
        self,
        chosen: np.ndarray,
        numbers: np.ndarray,
        step: int,
        rows: np.ndarray,
    ) -> np.ndarray:
        """The windows of a batch; see `TrainingExamples.make_inputs`."""
        change, size = self._augmentation, self._window_samples
        lengths = self._clips.lengths[chosen]
        pieces = np.full(len(chosen), size)
        if change.speed.is_on:
            pieces = change.speed.pieces(
                size, self._numbers(Purpose.SPEED, step, rows)
            )
        slack = lengths - pieces
        # From 0 to `slack`, or from `slack` to 0 for a short clip.
        starts = np.minimum(slack, 0) + np.floor(
            numbers[:, 0] * (np.abs(slack) + 1)
        ).astype(np.int64)
        if change.shift.is_on:
            starts = change.shift.move(
                *(starts, lengths, pieces),
                self._numbers(Purpose.TIME_SHIFT, step, rows),
            )
        if change.speed.is_on:
            return change.speed.cut(self._clips, chosen, starts, pieces, size)
        return self._clips.windows(chosen, starts, size)

    def _numbers(
        self, purpose: Purpose, step: int, rows: np.ndarray
    ) -> np.ndarray:
        """A number in [0, 1) for each row."""
        places = self._first_row + rows
        return streams.of_rows(self._seed, purpose, step, places, 1)[:, 0]


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
