"""Stopping a run at the first number that is not finite."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from audio_diffstride.errors import UserError, join_some
from audio_diffstride.training.step_count import StepCount

if TYPE_CHECKING:  # it needs what decodes, and a benchmark on a GPU does not
    from audio_diffstride.training.batches import Examples


class TerminateOnNonFinite(StepCount):
    """Ends the run at the first loss or weight that is nan or infinite.

    Keras logs the mean loss since the epoch's start, which stops being finite
    at the step that causes it. Weights are checked before an epoch is
    validated and saved, because a loss can be finite while they are not.

    Args:
        examples: the batches, which name the files of each batch.
        first_step: the step of batch 0.
        steps_per_epoch: of a complete epoch.

    Raises:
        UserError: with the step and the files of its batch.
    """

    def __init__(
        self, examples: Examples, first_step: int, steps_per_epoch: int
    ):
        super().__init__()
        self._examples = examples
        self._first_step = self.step = first_step
        self.steps_per_epoch = steps_per_epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        super().on_train_batch_end(batch, logs)
        if math.isfinite(logs["loss"]):
            return
        files = self._examples.files(self.step - 1 - self._first_step)
        raise UserError(
            f"the loss is {logs['loss']} at step {self.step}, on "
            f"{join_some(dict.fromkeys(files), 8)}; look at these, or train "
            "with a lower training.learning_rate or "
            "training.stride_step_ratio in another --workdir"
        )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.check_weights(self.model)

    def check_weights(self, model: Any) -> None:
        """Checks all weights, and what the optimizer keeps of them.

        A stride that is not finite makes the next step fail in the backend,
        before the loss shows it. So a step that fails is followed by this.

        Raises:
            UserError: for the first that is not finite.
        """
        variables = [*model.variables, *model.optimizer.variables]
        for variable in variables:
            if not np.isfinite(np.array(variable)).all():
                raise UserError(
                    f"{variable.path} is no longer finite at step "
                    f"{self.step}; train with a lower training.learning_rate "
                    "or training.stride_step_ratio in another --workdir"
                )
