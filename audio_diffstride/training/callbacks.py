"""What happens around each epoch: validate, tell, draw, stop when asked."""

from __future__ import annotations

import signal
import time

import keras
import numpy as np

from audio_diffstride import cutoffs
from audio_diffstride.evaluation import inference
from audio_diffstride.terminal.durations import duration
from audio_diffstride.training.step_count import StepCount


class ValidateRecordings(keras.callbacks.Callback):
    """Adds the validation accuracy on whole recordings, or images, to the logs.

    The same numbers as evaluate.py would give: `val_<task>_accuracy`, and
    their mean over the tasks as `val_accuracy`.

    Args:
        all_clips: the validation recordings or images of each data set.
        shown: of each; see `runs.shown`.
        batch_size: windows or images per batch.
        on_one_device: makes what scores batches, of a model that is trained
            on several devices, from model, batch size and length; None for
            the model itself.
    """

    def __init__(
        self, all_clips: list, shown, batch_size: int, on_one_device=None
    ):
        super().__init__()
        self._all_clips = all_clips
        self._shown = shown
        self._batch_size = batch_size
        self._on_one_device = on_one_device

    def on_epoch_end(self, epoch, logs=None):
        model = self.model
        if self._on_one_device:
            model = self._on_one_device(model, self._batch_size, self._shown)
        accuracies = {
            task: recordings.accuracy()
            for clips in self._all_clips
            for task, recordings in inference.label_recordings(
                model, clips, self._shown, self._batch_size
            ).items()
        }
        if len(accuracies) > 1:
            for task, accuracy in accuracies.items():
                logs[f"val_{task}_accuracy"] = accuracy
        logs["val_accuracy"] = float(np.mean(list(accuracies.values())))


class StopOnInterrupt(keras.callbacks.Callback):
    """Ctrl-C ends the run after the step in hand, with everything saved.

    The epoch is closed as any other: validated, recorded, saved. A second
    Ctrl-C stops at once. Use it as a context too, around `fit`, so that the
    signal means what it did before, however that ends.
    """

    def __enter__(self):
        self._previous = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *exception):
        signal.signal(signal.SIGINT, self._previous)

    def _stop(self, signal_number, frame):
        print("\nstopping after this step; Ctrl-C again to stop at once")
        self.model.stop_training = True
        signal.signal(signal.SIGINT, self._previous)


class PrintProgress(StepCount, keras.callbacks.Callback):
    """Prints after each epoch how long is left and where the strides are."""

    def __init__(self, num_steps: int, steps_per_epoch: int, size):
        super().__init__()
        self._num_steps = num_steps
        self.steps_per_epoch = steps_per_epoch
        self._size = size
        self._steps_here = 0

    def on_train_begin(self, logs=None):
        self._begin_s = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        self._steps_here += 1

    def on_epoch_end(self, epoch, logs=None):
        took_s = time.monotonic() - self._begin_s
        left_s = took_s * (self._num_steps - self.step) / self._steps_here
        print(f"step {self.step} of {self._num_steps}, {duration(left_s)} left")
        rows = cutoffs.report(self.model, self._size)
        for axis in dict.fromkeys(row["axis"] for row in rows):
            of_axis = [row for row in rows if row["axis"] == axis]
            strides = " ".join(f"{row['stride']:.2f}" for row in of_axis)
            first = of_axis[0]
            print(
                f"  strides along {axis}: {strides}; the first keeps "
                f"{first['cutoff']:.3g} {first['unit']}"
            )
