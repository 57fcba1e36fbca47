"""The number of completed steps, for callbacks."""

from __future__ import annotations

from typing import Any

import keras


class StepCount(keras.callbacks.Callback):
    """A callback that counts the steps of a run.

    The optimiser's iterations are another number. Under float16 it skips a
    step if the gradient overflows, although the batch is used up.

    Attributes:
        steps_per_epoch: of a complete epoch; a subclass sets it.
        step: number of completed steps of the run.
    """

    steps_per_epoch: int
    step: int

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.step = epoch * self.steps_per_epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.step += 1
