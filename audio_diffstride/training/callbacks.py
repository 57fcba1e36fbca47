"""What happens around each epoch: validate, record, tell, save, stop."""

from __future__ import annotations

import pathlib
import signal
import time

import keras
import numpy as np

from audio_diffstride import atomic, cutoffs, evaluation
from audio_diffstride.clips import Clips
from audio_diffstride.durations import duration


class ValidateRecordings(keras.callbacks.Callback):
    """Adds the validation accuracy on whole recordings to the logs.

    The same numbers as evaluate.py would give: `val_<task>_accuracy`, and
    their mean over the tasks as `val_accuracy`.
    """

    def __init__(
        self, all_clips: list[Clips], window_samples: int, batch_size: int
    ):
        super().__init__()
        self._all_clips = all_clips
        self._window_samples = window_samples
        self._batch_size = batch_size

    def on_epoch_end(self, epoch, logs=None):
        accuracies = {
            task: recordings.accuracy()
            for clips in self._all_clips
            for task, recordings in evaluation.label_recordings(
                self.model, clips, self._window_samples, self._batch_size
            ).items()
        }
        if len(accuracies) > 1:
            for task, accuracy in accuracies.items():
                logs[f"val_{task}_accuracy"] = accuracy
        logs["val_accuracy"] = float(np.mean(list(accuracies.values())))


class StrideHistory(keras.callbacks.Callback):
    """Writes a CSV of every stride, a row per epoch from the start on.

    Columns: step, then block1_time, block1_frequency, block2_time, ...
    """

    def __init__(self, path: pathlib.Path):
        super().__init__()
        self._path = path
        self._rows = []

    def on_train_begin(self, logs=None):
        self._write()

    def on_epoch_end(self, epoch, logs=None):
        self._write()

    def _write(self):
        step = int(self.model.optimizer.iterations)
        self._rows.append({"step": step, **cutoffs.strides(self.model)})
        atomic.write_rows(self._path, self._rows)


class SaveModels(keras.callbacks.Callback):
    """Keeps the last model and the best one, each whole at any moment.

    The best is the one with the highest `val_accuracy` in the logs, the later
    of equals; without validation data it is the last.
    """

    def __init__(self, workdir: pathlib.Path):
        super().__init__()
        self._workdir = workdir
        self._best = -1.0

    def on_epoch_end(self, epoch, logs=None):
        self._save("last.keras")
        accuracy = logs.get("val_accuracy", self._best)
        if accuracy >= self._best:
            self._best = accuracy
            self._save("best.keras")

    def _save(self, name: str):
        with atomic.atomic_path(self._workdir / name) as partial:
            self.model.save(partial)


class StopOnInterrupt(keras.callbacks.Callback):
    """Ctrl-C ends the run after the step in hand, with everything saved.

    The epoch is closed as any other: validated, recorded, saved. A second
    Ctrl-C stops at once.
    """

    def on_train_begin(self, logs=None):
        self._previous = signal.signal(signal.SIGINT, self._stop)

    def on_train_end(self, logs=None):
        signal.signal(signal.SIGINT, self._previous)

    def _stop(self, signal_number, frame):
        print("\nstopping after this step; Ctrl-C again to stop at once")
        self.model.stop_training = True
        signal.signal(signal.SIGINT, self._previous)


class Narrate(keras.callbacks.Callback):
    """Prints after each epoch how long is left and where the strides are."""

    def __init__(self, num_steps: int, frames: int, bands: int):
        super().__init__()
        self._num_steps = num_steps
        self._size = (frames, bands)

    def on_train_begin(self, logs=None):
        self._begin_s = time.monotonic()
        self._first_step = int(self.model.optimizer.iterations)

    def on_epoch_end(self, epoch, logs=None):
        step = int(self.model.optimizer.iterations)
        took_s = time.monotonic() - self._begin_s
        left_s = took_s * (self._num_steps - step) / (step - self._first_step)
        print(f"step {step} of {self._num_steps}, {duration(left_s)} left")
        rows = cutoffs.report(self.model, *self._size)
        for axis in cutoffs.AXES:
            of_axis = [row for row in rows if row["axis"] == axis]
            strides = " ".join(f"{row['stride']:.2f}" for row in of_axis)
            first = of_axis[0]
            print(
                f"  strides along {axis}: {strides}; the first keeps "
                f"{first['cutoff']:.3g} {first['unit']}"
            )


class TensorBoard(keras.callbacks.TensorBoard):
    """TensorBoard scalars of the logs, and of every stride and cut-off."""

    def __init__(self, log_dir, frames: int, bands: int, **kwargs):
        super().__init__(log_dir=log_dir, **kwargs)
        self._size = (frames, bands)

    def on_epoch_end(self, epoch, logs=None):
        scalars = {
            f"strides/{name}": value
            for name, value in cutoffs.strides(self.model).items()
        }
        for row in cutoffs.report(self.model, *self._size):
            name = f"{row['block']}_{row['axis']}"
            scalars[f"cutoffs/{name}"] = row["cutoff"]
        super().on_epoch_end(epoch, {**(logs or {}), **scalars})
