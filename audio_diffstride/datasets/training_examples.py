"""Batches to train on: which examples, in which order, with which labels."""

from __future__ import annotations

import abc

import keras
import numpy as np

from audio_diffstride.datasets.store_files import NO_LABEL

# What a random stream is for; the second word of its key.
_ORDER, _VARIATION = 0, 1


def _generator(seed: int, purpose: int, index: int) -> np.random.Generator:
    """An independent random stream for every (seed, purpose, index)."""
    return np.random.Generator(
        np.random.Philox(key=[seed, purpose], counter=[0, 0, 0, index])
    )


class TrainingExamples(keras.utils.PyDataset, abc.ABC):
    """Base: batch `step` is a pure function of (seed, step).

    Each pass takes every example once, in an order of its own; batches run
    over the ends of passes. A subclass makes the inputs of a batch, varied at
    random by `NUM_RANDOM_VALUES` numbers from 0 to 1 of each example's own.

    The sequence is the whole run, not one epoch: use it with
    `steps_per_epoch`, and with `first_step` to go on where a run stopped.

    Args:
        clips: where the examples come from: `Clips` or `Images`.
        batch_size: examples per batch.
        num_steps: batches of the whole run.
        seed: of order and variation, >= 0.
        first_step: the step that batch 0 is.
        rows: of each batch, those that are drawn here; None is all. Other
            processes draw the others, and no example is read twice.

    Batches are `(inputs, labels, weights)`: what `make_inputs` gives,
    {task: class indices} and {task: 1.0 where there is a label, else 0.0}.
    """

    NUM_RANDOM_VALUES = 0

    def __init__(
        self,
        clips,
        batch_size: int,
        num_steps: int,
        seed: int = 0,
        first_step: int = 0,
        rows: slice | None = None,
    ):
        super().__init__()
        self._clips = clips
        self._batch_size = batch_size
        self._num_steps = num_steps
        self._seed = seed
        self._first_step = first_step
        self._rows = rows or slice(batch_size)
        self._order = (None, None)  # the last pass asked for, and its order

    @abc.abstractmethod
    def make_inputs(
        self, chosen: np.ndarray, numbers: np.ndarray
    ) -> np.ndarray:
        """The inputs of a batch.

        Args:
            chosen: the examples, by index.
            numbers: what they are varied by, drawn evenly from [0, 1), of
                shape (examples, NUM_RANDOM_VALUES).
        """

    def __len__(self):
        return self._num_steps - self._first_step

    def __getitem__(self, index):
        step = self._first_step + index
        chosen = self._chosen(step)[self._rows]
        rng = _generator(self._seed, _VARIATION, step)
        numbers = rng.random((self._batch_size, self.NUM_RANDOM_VALUES))[
            self._rows
        ]
        inputs = self.make_inputs(chosen, numbers)
        labels, weights = {}, {}
        for task, all_labels in self._clips.labels.items():
            task_labels = all_labels[chosen]
            labels[task] = np.maximum(task_labels, 0)
            weights[task] = (task_labels != NO_LABEL).astype(np.float32)
        return inputs, labels, weights

    def files(self, index: int) -> list[str]:
        """The file that each example of a batch comes from, of all its rows."""
        chosen = self._chosen(self._first_step + index)
        return [self._clips.files[clip] for clip in chosen]

    def _chosen(self, step: int) -> np.ndarray:
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


class MixedExamples(keras.utils.PyDataset):
    """Training examples of several data sets, side by side in every batch.

    The share of each data set is the batch size of its part, the same in
    every batch. A task that a data set has no labels for weighs nothing there.

    Args:
        parts: one `TrainingExamples` per data set, of equal length.
    """

    def __init__(self, parts: list[TrainingExamples]):
        super().__init__()
        self._parts = parts

    def __len__(self):
        return len(self._parts[0])

    def __getitem__(self, index):
        batches = [part[index] for part in self._parts]
        mixed_inputs = np.concatenate([inputs for inputs, _, _ in batches])
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
        return mixed_inputs, labels, weights

    def files(self, index: int) -> list[str]:
        """The file that each example of a batch comes from."""
        return [file for part in self._parts for file in part.files(index)]
