"""Batches for training: which examples, in which order, with which labels."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from audio_diffstride.datasets import streams
from audio_diffstride.datasets.balance import Balance
from audio_diffstride.datasets.kinds import NO_LABEL
from audio_diffstride.datasets.streams import Purpose

# (inputs: an array or {name: array}, labels, weights).
Batch = tuple[Any, dict[str, np.ndarray], dict[str, np.ndarray]]


class TrainingExamples(keras.utils.PyDataset, abc.ABC):
    """Base class: batch `step` is a pure function of (seed, step).

    Each pass takes every example once, in a new random order. With a balance
    it is as long, but takes examples of rare classes several times, and leaves
    out some of common classes. A batch may continue into the next pass. A
    subclass makes the inputs of a batch. It varies each example by
    `NUM_RANDOM_VALUES` random numbers in [0, 1).

    The sequence covers the whole run, not one epoch. Use it with
    `steps_per_epoch`, and with `first_step` to resume a run.

    Args:
        examples: the source, `Clips` or `Images`.
        batch_size: examples per batch.
        num_steps: batches of the whole run.
        seed: of order and variation, >= 0.
        first_step: the step of batch 0.
        rows: the rows of each batch to draw here; None is all. Other processes
            draw the other rows, and no example is read twice.
        balance: how often each example is drawn; None is equally often.

    Batches are `(inputs, labels, weights)`: the result of `make_inputs`,
    {task: class indices} and {task: 1.0 where there is a label, else 0.0}.
    What mixes examples has {task: shares of the classes} instead. With several
    labels both have a column for each class.
    """

    NUM_RANDOM_VALUES = 0

    def __init__(
        self,
        examples: Any,
        batch_size: int,
        num_steps: int,
        seed: int = 0,
        first_step: int = 0,
        rows: slice | None = None,
        balance: Balance | None = None,
    ):
        super().__init__()
        self._examples = examples
        self._batch_size = batch_size
        self._num_steps = num_steps
        self._seed = seed
        self._first_step = first_step
        self._rows = np.arange(batch_size)[rows or slice(batch_size)]
        self._balance = balance
        self._last_order = (-1, np.zeros(0, np.int64))  # (pass, its order)

    @abc.abstractmethod
    def make_inputs(
        self,
        chosen: np.ndarray,
        numbers: np.ndarray,
        step: int,
        rows: np.ndarray,
    ) -> np.ndarray:
        """Makes the inputs of a batch.

        Args:
            chosen: indices of the examples.
            numbers: uniform random numbers in [0, 1) to vary them, of shape
                (examples, NUM_RANDOM_VALUES).
            step: of the batch, for further random numbers.
            rows: of the examples in the batch.
        """

    def __len__(self) -> int:
        return self._num_steps - self._first_step

    def __getitem__(self, index: int) -> Batch:
        return self.draw(self._first_step + index, self._rows)

    def draw(self, step: int, rows: np.ndarray) -> Batch:
        """Some rows of the batch of a step.

        Args:
            step: of the run.
            rows: numbers of rows, each from 0 to the batch size - 1.
        """
        chosen = self._choose(step)[rows]
        rng = streams.of_step(self._seed, Purpose.VARIATION, step)
        numbers = rng.random((self._batch_size, self.NUM_RANDOM_VALUES))[rows]
        inputs = self.make_inputs(chosen, numbers, step, rows)
        labels, weights = {}, {}
        for task, all_labels in self._examples.labels.items():
            task_labels = all_labels[chosen]
            labels[task] = np.maximum(task_labels, 0)
            weights[task] = (task_labels != NO_LABEL).astype(np.float32)
        return inputs, labels, weights

    def files(self, index: int) -> list[str]:
        """The source file of each example of a batch, in all its rows."""
        chosen = self._choose(self._first_step + index)
        return [self._examples.files[example] for example in chosen]

    def _choose(self, step: int) -> np.ndarray:
        """The indices of the examples of a batch."""
        places = step * self._batch_size + np.arange(self._batch_size)
        passes, places = np.divmod(places, len(self._examples))
        chosen = np.empty(self._batch_size, np.int64)
        for number in np.unique(passes):
            in_pass = passes == number
            chosen[in_pass] = self._order_of_pass(int(number))[places[in_pass]]
        return chosen

    def _order_of_pass(self, number: int) -> np.ndarray:
        cached, order = self._last_order
        if cached != number:
            rng = streams.of_step(self._seed, Purpose.ORDER, number)
            if self._balance is None:
                order = rng.permutation(len(self._examples))
            else:
                order = self._balance.draw_pass(rng)
            self._last_order = (number, order)
        return order


class MixedExamples(keras.utils.PyDataset):
    """Training examples of several data sets, side by side in every batch.

    The batch size of each part is its share of every batch. A task has weight
    zero for examples of a data set without that task.

    Args:
        parts: one `TrainingExamples` per data set, all of equal length.
    """

    def __init__(self, parts: Sequence[TrainingExamples]):
        super().__init__()
        self._parts = parts

    def __len__(self) -> int:
        return len(self._parts[0])

    def __getitem__(self, index: int) -> Batch:
        batches = [part[index] for part in self._parts]
        inputs = [part_inputs for part_inputs, _, _ in batches]
        sizes = [len(keras.tree.flatten(part)[0]) for part in inputs]

        def join(
            parts: list[dict[str, np.ndarray]],
        ) -> dict[str, np.ndarray]:
            like = {task: each for part in parts for task, each in part.items()}
            return {
                task: np.concatenate(
                    [
                        part.get(
                            task,
                            np.zeros((size, *one.shape[1:]), one.dtype),
                        )
                        for part, size in zip(parts, sizes)
                    ]
                )
                for task, one in like.items()
            }

        labels = join([part_labels for _, part_labels, _ in batches])
        weights = join([part_weights for _, _, part_weights in batches])
        together = keras.tree.map_structure(
            lambda *parts: np.concatenate(parts), *inputs
        )
        return together, labels, weights

    def files(self, index: int) -> list[str]:
        """The source file of each example of a batch."""
        return [file for part in self._parts for file in part.files(index)]
