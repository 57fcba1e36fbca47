"""Windows of one length out of clips of any: random ones, consecutive ones."""

from __future__ import annotations

import keras
import numpy as np

from audio_diffstride.clips import NO_LABEL, Clips

# What a random stream is for; the second word of its key.
_ORDER, _POSITIONS = 0, 1


def _generator(seed: int, purpose: int, index: int) -> np.random.Generator:
    """An independent random stream for every (seed, purpose, index)."""
    return np.random.Generator(
        np.random.Philox(key=[seed, purpose], counter=[0, 0, 0, index])
    )


class TrainingWindows(keras.utils.PyDataset):
    """Random windows: batch `step` is a pure function of (seed, step).

    Each pass takes every clip once, in an order of its own; batches run over
    the ends of passes. A window lies anywhere inside its clip; a clip shorter
    than the window lies anywhere inside the window, in zeros.

    The sequence is the whole run, not one epoch: use it with
    `steps_per_epoch`, and with `first_step` to go on where a run stopped.

    Args:
        clips: where the windows come from.
        window_samples: length of a window.
        batch_size: windows per batch.
        num_steps: batches of the whole run.
        seed: of order and positions, >= 0.
        first_step: the step that batch 0 is.
        rows: of each batch, those that are drawn here; None is all. Other
            processes draw the others, and no window is read twice.

    Batches are `(waveforms, labels, weights)`: int16 of shape (batch,
    samples), {task: class indices} and {task: 1.0 where the clip has a label,
    else 0.0}.
    """

    def __init__(
        self,
        clips: Clips,
        window_samples: int,
        batch_size: int,
        num_steps: int,
        seed: int = 0,
        first_step: int = 0,
        rows: slice | None = None,
    ):
        super().__init__()
        self._clips = clips
        self._window_samples = window_samples
        self._batch_size = batch_size
        self._num_steps = num_steps
        self._seed = seed
        self._first_step = first_step
        self._rows = rows or slice(batch_size)
        self._order = (None, None)  # the last pass asked for, and its order

    def __len__(self):
        return self._num_steps - self._first_step

    def __getitem__(self, index):
        step = self._first_step + index
        chosen = self._chosen_clips(step)[self._rows]
        rng = _generator(self._seed, _POSITIONS, step)
        places = rng.random(self._batch_size)[self._rows]
        slack = self._clips.lengths[chosen] - self._window_samples
        # Between the two ends that line up, whichever comes first.
        starts = np.minimum(slack, 0) + np.floor(
            places * (np.abs(slack) + 1)
        ).astype(np.int64)
        waveforms = self._clips.windows(chosen, starts, self._window_samples)
        labels, weights = {}, {}
        for task, all_labels in self._clips.labels.items():
            task_labels = all_labels[chosen]
            labels[task] = np.maximum(task_labels, 0)
            weights[task] = (task_labels != NO_LABEL).astype(np.float32)
        return waveforms, labels, weights

    def files(self, index: int) -> list[str]:
        """The file that each window of a batch comes from, of all its rows."""
        chosen = self._chosen_clips(self._first_step + index)
        return [self._clips.files[clip] for clip in chosen]

    def _chosen_clips(self, step: int) -> np.ndarray:
        places = step * self._batch_size + np.arange(self._batch_size)
        passes, places = np.divmod(places, len(self._clips))
        chosen = np.empty(self._batch_size, np.int64)
        for number in np.unique(passes):
            here = passes == number
            chosen[here] = self._order_of_pass(int(number))[places[here]]
        return chosen

    def _order_of_pass(self, number: int) -> np.ndarray:
        cached, order = self._order
        if cached != number:
            rng = _generator(self._seed, _ORDER, number)
            order = rng.permutation(len(self._clips))
            self._order = (number, order)
        return order


class MixedWindows(keras.utils.PyDataset):
    """Training windows of several data sets, side by side in every batch.

    The share of each data set is the batch size of its part, the same in
    every batch. A task that a data set has no labels for weighs nothing there.

    Args:
        parts: one `TrainingWindows` per data set, of equal length.
    """

    def __init__(self, parts: list[TrainingWindows]):
        super().__init__()
        self._parts = parts

    def __len__(self):
        return len(self._parts[0])

    def __getitem__(self, index):
        batches = [part[index] for part in self._parts]
        waveforms = np.concatenate([waveforms for waveforms, _, _ in batches])
        tasks = dict.fromkeys(task for _, y, _ in batches for task in y)
        labels, weights = {}, {}
        for task in tasks:
            for mixed, column, dtype in (
                (labels, 1, np.int32),
                (weights, 2, np.float32),
            ):
                mixed[task] = np.concatenate(
                    [
                        batch[column].get(task, np.zeros(len(batch[0]), dtype))
                        for batch in batches
                    ]
                )
        return waveforms, labels, weights

    def files(self, index: int) -> list[str]:
        """The file that each window of a batch comes from."""
        return [file for part in self._parts for file in part.files(index)]


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
