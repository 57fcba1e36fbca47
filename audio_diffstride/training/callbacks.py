"""Callbacks of an epoch: validation, progress, stopping on Ctrl-C."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import keras
import numpy as np

from audio_diffstride import cutoffs
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.evaluation import inference
from audio_diffstride.optimization.averaging import averaged_weights
from audio_diffstride.terminal.durations import duration
from audio_diffstride.training.monitor import (
    DEFAULT,
    OF_SEVERAL_LABELS,
    Monitor,
)
from audio_diffstride.training.step_count import StepCount

# Why the two accuracies of an epoch differ.
_OF_RECORDINGS = """\
accuracy is on random windows of training recordings, while the weights change
val_accuracy is on whole validation recordings, so either may be higher"""
_OF_IMAGES = """\
accuracy is on training images with random changes, while the weights change
val_accuracy is on validation images without, so either may be higher"""

_OF_SEVERAL_LABELS = """\
val_average_precision is the mean over all classes, and then over all tasks"""
# What every epoch tells of a task.
_SCORES = {ONE_LABEL: DEFAULT, SEVERAL_LABELS: OF_SEVERAL_LABELS}


class ValidateRecordings(keras.callbacks.Callback):
    """Adds the validation accuracy to the logs of an epoch.

    It is the accuracy on whole recordings or images, as evaluate.py computes
    it: `val_<task>_accuracy`, and the mean over the tasks as `val_accuracy`.
    A task with several labels has an average precision in its place.
    The monitored score has its own column if it is none of these.

    Args:
        all_clips: the validation recordings or images of each data set.
        evaluation_input: see `runs.loading.evaluation_input`.
        batch_size: windows or images per batch.
        on_one_device: for a model on several devices a function of (model,
            batch size, length) that returns a model on one device; see
            `devices.OnOneDevice`.
        monitor: the score that decides which model is the best.
        **windows: see `runs.loading.evaluation_windows`.
    """

    def __init__(
        self,
        all_clips: list[Any],
        evaluation_input: int | str,
        batch_size: int,
        on_one_device: Callable[..., Any] | None = None,
        monitor: Monitor = Monitor(),
        **windows: Any,
    ):
        super().__init__()
        self._all_clips = all_clips
        self._evaluation_input = evaluation_input
        self._batch_size = batch_size
        self._on_one_device = on_one_device
        self._monitor = monitor
        self._windows = windows

    def on_train_begin(self, logs: Any = None) -> None:
        of_sound = isinstance(self._evaluation_input, int)
        kinds = self.model.kinds.values()
        if ONE_LABEL in kinds:
            print(_OF_RECORDINGS if of_sound else _OF_IMAGES)
        if SEVERAL_LABELS in kinds:
            print(_OF_SEVERAL_LABELS)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        with averaged_weights(self.model):
            self._validate(logs)

    def _validate(self, logs: dict[str, float]) -> None:
        model = self.model
        if self._on_one_device:
            model = self._on_one_device(
                model, self._batch_size, self._evaluation_input
            )
        recordings: dict[str, inference.LabelledRecordings] = {}
        for clips in self._all_clips:
            recordings |= inference.label_recordings(
                model,
                clips,
                self._evaluation_input,
                self._batch_size,
                **self._windows,
            )
        scores = {task: _SCORES[of.kind] for task, of in recordings.items()}
        values = {t: recordings[t].quick_score(s) for t, s in scores.items()}
        if len(scores) > 1:
            for task, score in scores.items():
                logs[f"val_{task}_{score}"] = values[task]
        accuracies = [values[t] for t, s in scores.items() if s == "accuracy"]
        if accuracies:
            logs["val_accuracy"] = float(np.mean(accuracies))
        if len(accuracies) < len(scores):
            precision = Monitor(_SCORES[SEVERAL_LABELS])
            logs[precision.column] = precision.value(recordings)
        if self._monitor.column not in logs:
            logs[self._monitor.column] = self._monitor.value(recordings)


class StopOnInterrupt(keras.callbacks.Callback):
    """Ctrl-C ends the run after the current step, with everything saved.

    The short epoch is validated, recorded and saved like any other. A second
    Ctrl-C stops at once. Use it as a context manager around `fit` too: that
    restores the signal handler at the end.
    """

    def __enter__(self) -> StopOnInterrupt:
        self._previous = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.signal(signal.SIGINT, self._previous)

    def _stop(self, signal_number: int, frame: FrameType | None) -> None:
        print("\nstopping after this step; Ctrl-C again to stop at once")
        self.model.stop_training = True
        signal.signal(signal.SIGINT, self._previous)


class PrintProgress(StepCount):
    """Prints the time left and the strides after each epoch.

    The first step of a start is printed at once: it takes seconds, because
    the backend compiles it, and an epoch may take minutes.

    Args:
        num_steps: of the run.
        steps_per_epoch: of a complete epoch.
        size: the sizes of an example's axes at the encoder's input.
    """

    def __init__(
        self, num_steps: int, steps_per_epoch: int, size: tuple[int, ...]
    ):
        super().__init__()
        self._num_steps = num_steps
        self.steps_per_epoch = steps_per_epoch
        self._size = size
        self._steps_since_start = 0

    def on_train_begin(self, logs: Any = None) -> None:
        self._begin_s = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        super().on_train_batch_end(batch, logs)
        self._steps_since_start += 1
        if self._steps_since_start == 1:
            took_s = time.monotonic() - self._begin_s
            print(
                f"step {self.step}: the first, compiled in {duration(took_s)}"
            )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        took_s = time.monotonic() - self._begin_s
        steps_left = self._num_steps - self.step
        left_s = took_s * steps_left / self._steps_since_start
        print(f"step {self.step} of {self._num_steps}, {duration(left_s)} left")
        with averaged_weights(self.model):
            rows = cutoffs.report(self.model, self._size)
        for axis in dict.fromkeys(row["axis"] for row in rows):
            of_axis = [row for row in rows if row["axis"] == axis]
            strides = " ".join(f"{row['stride']:.2f}" for row in of_axis)
            first = of_axis[0]
            print(
                f"  strides along {axis}: {strides}; the first keeps "
                f"{first['cutoff']:.3g} {first['unit']}"
            )
            if any(row["folded_channels"] for row in of_axis):
                shares = " ".join(f"{row['folding']:.2f}" for row in of_axis)
                print(f"  share folded back along {axis}: {shares}")
