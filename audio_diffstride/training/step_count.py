"""How many steps a run has taken, for callbacks that need to know."""

from __future__ import annotations


class StepCount:
    """Mixed into a callback: `step` counts the run's steps, from 0.

    Not the optimiser's iterations: under float16 it skips a step whose
    gradient overflows, but its batch has been used.

    Attributes:
        steps_per_epoch: of a whole epoch; to be set.
        step: the steps that the run has taken.
    """

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        self.step = epoch * self.steps_per_epoch

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        self.step += 1
