"""How far a run has come, and its files, which all follow from that.

At the end of an epoch the checkpoint is written first, then what is read by
others: last.keras, best.keras, history.csv, strides.csv. All of them can be
made from the checkpoint, and are, when a run goes on: so whenever it was
killed, they agree.
"""

from __future__ import annotations

import pathlib

import keras
import numpy as np

from audio_diffstride.backends import sharing
from audio_diffstride.cutoffs import cutoffs
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.training import checkpoints
from audio_diffstride.training.checkpoints import Checkpoint
from audio_diffstride.training.step_count import StepCount


class Progress(StepCount, keras.callbacks.Callback):
    """Keeps every epoch, and goes on from the last one kept.

    The best model is the one with the highest `val_accuracy` in the logs, the
    later of equals; without validation data it is the last.

    An epoch that Ctrl-C cut short is written to the files, for whoever wants
    its model, but makes no checkpoint: going on, it is trained again in whole,
    so that the run ends as if it had never been stopped.

    Args:
        workdir: of the run.
        steps_per_epoch: of a whole epoch.
        writes: whether it is this process that writes the files.

    Attributes:
        folder: of the checkpoints.
        whole_steps: those that a run started again would not repeat.
    """

    def __init__(
        self, workdir: pathlib.Path, steps_per_epoch: int, writes: bool = True
    ):
        super().__init__()
        self._writes = writes
        self._workdir = workdir
        self.folder = workdir / "checkpoints"
        self.steps_per_epoch = steps_per_epoch
        self._history, self._strides = [], []
        self._best_accuracy, self._best_state = -1.0, None
        self.whole_steps = 0

    def restore(self, model):
        """Makes the model, its optimiser and all files those of a checkpoint.

        Without one the run begins at step 0.
        """
        found = checkpoints.read_latest(self.folder)
        if found is None:
            if not self._writes:
                return
            for name in ("best.keras", "last.keras", "history.csv"):
                (self._workdir / name).unlink(missing_ok=True)
            return
        self._history, self._strides = found.history, found.strides
        self._best_accuracy = found.best_accuracy
        self._best_state = found.best_state
        self.whole_steps = found.step
        self._assign(model, found.best_state)
        if self._writes:
            _save(model, self._workdir / "best.keras")
        self._assign(model, found.state)
        if self._writes:
            _save(model, self._workdir / "last.keras")
            self._write_rows()

    def on_train_begin(self, logs=None):
        if self._writes and not self._strides:
            self._strides.append(self._stride_row(0))
            self._write_rows()

    def on_epoch_end(self, epoch, logs=None):
        if self._writes:
            self._keep(epoch, logs)
        elif self.step % self.steps_per_epoch == 0:
            self.whole_steps = self.step

    def _keep(self, epoch, logs):
        self._history.append({"epoch": epoch, **dict(sorted(logs.items()))})
        self._strides.append(self._stride_row(self.step))
        state = [np.array(v) for v in _variables(self.model)]
        accuracy = logs.get("val_accuracy", self._best_accuracy)
        is_best = accuracy >= self._best_accuracy
        if is_best:
            self._best_accuracy, self._best_state = accuracy, state
        if self.step % self.steps_per_epoch == 0:
            checkpoints.write(
                self.folder,
                Checkpoint(
                    self.step,
                    self._history,
                    self._strides,
                    self._best_accuracy,
                    state,
                    self._best_state,
                ),
            )
            self.whole_steps = self.step
        _save(self.model, self._workdir / "last.keras")
        if is_best:
            _save(self.model, self._workdir / "best.keras")
        self._write_rows()

    def _stride_row(self, step: int) -> dict:
        return {"step": step, **cutoffs.strides(self.model)}

    def _write_rows(self):
        atomic.write_rows(self._workdir / "strides.csv", self._strides)
        if self._history:
            atomic.write_rows(self._workdir / "history.csv", self._history)

    def _assign(self, model, state: list[np.ndarray]):
        variables = _variables(model)
        shapes = [tuple(variable.shape) for variable in variables]
        if shapes != [array.shape for array in state]:
            raise UserError(
                f"{self.folder} was written by another version of this "
                "program, whose model had other weights; give another "
                "--workdir, or --overwrite to begin anew"
            )
        for variable, array in zip(variables, state):
            variable.assign(array)


def _variables(model) -> list[keras.Variable]:
    """All that training changes, in an order that the config decides."""
    return [
        *model.trainable_variables,
        *model.non_trainable_variables,
        *model.optimizer.variables,
    ]


def _save(model, path: pathlib.Path):
    with atomic.atomic_path(path) as partial, sharing.without_distribution():
        model.save(partial)
