"""The progress of a run, and the files that follow from it.

After an epoch the checkpoint is written first. Then come the files for
readers: last.keras, best.keras, history.csv, strides.csv. A resumed run
writes them again from its checkpoint. So they agree, whenever a kill came.

Where weights are averaged, a checkpoint has the weights of the training and
their average. The files for readers have the average alone, as weights.
"""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np

from audio_diffstride import cutoffs
from audio_diffstride.backends import sharing
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.optimization.averaging import averaged_weights
from audio_diffstride.runs import layout, stride_history
from audio_diffstride.training import checkpoints, early_stopping, machines
from audio_diffstride.training.checkpoints import Checkpoint
from audio_diffstride.training.monitor import Monitor
from audio_diffstride.training.step_count import StepCount


class Progress(StepCount):
    """Saves a run after every epoch, ends it early, and restores it.

    The best model has the best monitored score in the logs. Among equals it
    is the latest. Without validation data it is the last model.

    An epoch that Ctrl-C cuts short is written to the files for readers, but
    not to a checkpoint. A resumed run repeats that epoch from its start, so
    it ends as if it had never been stopped.

    Args:
        workdir: of the run.
        steps_per_epoch: of a complete epoch.
        writes: whether this process writes the files.
        monitor: the score that decides which model is the best.
        early_stopping_epochs: how many epochs without a better score end the
            run. 0 ends none.

    Attributes:
        folder: the folder of the checkpoints.
        saved_step: the step that a resumed run starts from.
        stopped_early: whether the run ends there.
    """

    def __init__(
        self,
        workdir: pathlib.Path,
        steps_per_epoch: int,
        writes: bool = True,
        monitor: Monitor = Monitor(),
        early_stopping_epochs: int = 0,
    ):
        super().__init__()
        self._monitor = monitor
        self._early_stopping_epochs = early_stopping_epochs
        self._writes = writes
        self._workdir = workdir
        self.folder = workdir / layout.CHECKPOINTS
        self.steps_per_epoch = steps_per_epoch
        self._history: list[dict[str, Any]] = []
        self._strides: list[dict[str, Any]] = []
        self._best_score: float | None = None
        self._best_state: list[np.ndarray] = []
        self.saved_step = 0
        self.stopped_early = False

    def restore(self, model: Any) -> None:
        """Sets the model, its optimiser and all files to the last checkpoint.

        Without a checkpoint the run begins at step 0.

        Raises:
            UserError: if the model has other weights than the checkpoint.
        """
        found = checkpoints.read_latest(self.folder)
        if found is None:
            if self._writes:
                for name in (layout.BEST, layout.LAST, layout.HISTORY):
                    (self._workdir / name).unlink(missing_ok=True)
            return
        self._history, self._strides = found.history, found.strides
        self._best_score = found.best_score
        self._best_state = found.best_state
        self.saved_step = found.step
        self.stopped_early = self._is_over()
        self._assign(model, found.best_state)
        if self._writes:
            _save(model, self._workdir / layout.BEST)
        self._assign(model, found.state)
        if self._writes:
            _save(model, self._workdir / layout.LAST)
            self._write_rows()

    def on_train_begin(self, logs: Any = None) -> None:
        if self._writes and not self._strides:
            self._strides.append(self._stride_row(0))
            self._write_rows()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self._writes:
            self._save_epoch(epoch, logs)
        if self._is_complete():
            self.saved_step = self.step
            if self._early_stopping_epochs:  # process 0 alone has scores
                self.stopped_early = machines.broadcast_from_first(
                    self._is_over
                )
        if self.stopped_early:
            self.model.stop_training = True

    def _is_over(self) -> bool:
        return early_stopping.is_over(
            self._history, self._monitor, self._early_stopping_epochs
        )

    def _is_complete(self) -> bool:
        return self.step % self.steps_per_epoch == 0

    def _save_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        self._history.append({"epoch": epoch, **dict(sorted(logs.items()))})
        with averaged_weights(self.model):
            self._strides.append(self._stride_row(self.step))
        state = [np.array(v) for v in _variables(self.model)]
        score, best = logs.get(self._monitor.column), self._best_score
        is_best = (
            score is None
            or best is None
            or not self._monitor.is_better(best, score)
        )
        if is_best:
            self._best_score, self._best_state = score, state
        if self._is_complete():
            checkpoints.write(
                self.folder,
                Checkpoint(
                    self.step,
                    self._history,
                    self._strides,
                    self._best_score,
                    state,
                    self._best_state,
                ),
            )
        _save(self.model, self._workdir / layout.LAST)
        if is_best:
            _save(self.model, self._workdir / layout.BEST)
        self._write_rows()

    def _stride_row(self, step: int) -> dict[str, Any]:
        folding = {
            f"{name}{stride_history.FOLDING}": share
            for name, share in cutoffs.foldings(self.model).items()
        }
        return {"step": step, **cutoffs.strides(self.model), **folding}

    def _write_rows(self) -> None:
        atomic.write_rows(self._workdir / layout.STRIDES, self._strides)
        if self._history:
            atomic.write_rows(self._workdir / layout.HISTORY, self._history)

    def _assign(self, model: Any, state: list[np.ndarray]) -> None:
        variables = _variables(model)
        shapes = [tuple(variable.shape) for variable in variables]
        if shapes != [array.shape for array in state]:
            raise UserError(
                f"{self.folder} was written by another version of this "
                "program, and its model had other weights; give another "
                "--workdir, or --overwrite to start over"
            )
        for variable, array in zip(variables, state):
            variable.assign(array)


def _variables(model: Any) -> list[keras.Variable]:
    """All variables that training changes, in an order fixed by the config."""
    return [
        *model.trainable_variables,
        *model.non_trainable_variables,
        *model.optimizer.variables,
    ]


def _save(model: Any, path: pathlib.Path) -> None:
    with (
        averaged_weights(model),
        atomic.atomic_file(path) as partial,
        sharing.without_distribution(),
    ):
        model.save(partial)
