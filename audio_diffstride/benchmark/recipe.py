"""Part "recipe": training as the paper's recipe has it, on any backend.

Needs NumPy, Keras and one backend only. What is timed is `fit`, with the
callbacks of a run that look at every step and windows drawn from a store: the
steps of a run, so a million of them take a million times as long.
"""

from __future__ import annotations

import contextlib
import functools
import io
import tempfile
import time
import types

import keras

from audio_diffstride.backends import during_fit
from audio_diffstride.benchmark import arms, devices, input_side, memory
from audio_diffstride.benchmark.timing import in_turns
from audio_diffstride.optimization.size_refresh import RefreshSizes
from audio_diffstride.training.finite import TerminateOnNonFinite
from audio_diffstride.training.model import compile_model

# Beside the arms: what bounds them.
CONVOLUTIONS, SAME_BATCH = "convolutions", "strided_conv, one batch"

# A multiply-add is two operations; backward takes two products of its size.
FLOPS_PER_MULTIPLY_ADD = 2 * 3

_TRAINING = types.SimpleNamespace(
    optimizer="adam",
    weight_decay=0.0,
    learning_rate=1e-4,
    schedule="constant",
    task_weights="",
    # Strides get their gradients and their steps of Adam, but stay: a size
    # that moved in one turn and not in another would spoil the comparison.
    stride_step_ratio=0.0,
    jit_compile=False,
)


class Stopwatch(keras.callbacks.Callback):
    """The seconds of the steps after the first.

    Attributes:
        seconds: of a step, the mean.
    """

    def on_train_batch_end(self, batch, logs=None):
        if batch in (0, self.params["steps"] - 1):
            devices.wait(logs)
            now = time.perf_counter()
        if batch == 0:
            self._begin = now
        elif batch == self.params["steps"] - 1:
            self.seconds = (now - self._begin) / batch


def timed_steps(name: str, windows, width: float, precision: str, steps: int):
    """A function that takes some steps and returns the seconds of one.

    Args:
        name: of an arm, `CONVOLUTIONS` or `SAME_BATCH`.
        windows: the batches.
        width: factor on the channels.
        precision: "float32" or "mixed_bfloat16".
        steps: how many are timed at a time.
    """
    arm = "strided_conv" if name == SAME_BATCH else name
    model = arms.classifier(arm, width, precision=precision)
    compile_model(model, types.SimpleNamespace(training=_TRAINING))
    sizes, stopwatch = RefreshSizes(), Stopwatch()
    finite = TerminateOnNonFinite(windows, 0, steps + 1)

    def fit():
        with contextlib.redirect_stdout(io.StringIO()):  # of the callbacks
            model.fit(
                during_fit.prefetched(windows),
                steps_per_epoch=steps + 1,
                callbacks=[finite, sizes, stopwatch],
                shuffle=False,
                verbose=0,
            )
        return stopwatch.seconds

    return fit


def few_steps(name: str, width: float, batch_size: int, precision: str):
    """The same as a step whose memory is measured, with windows of its own."""
    with tempfile.TemporaryDirectory() as folder:
        clips = input_side.noise_store(folder).examples("train")
        windows = input_side.SameBatch(clips, batch_size)
    return timed_steps(name, windows, width, precision, steps=1)


def measure(
    names: list[str],
    width: float,
    batch_size: int,
    precision: str,
    steps: int,
    repetitions: int,
    rate: float,
) -> list[dict]:
    """A row per arm, then those of `CONVOLUTIONS` and `SAME_BATCH`.

    Args:
        names: of the arms.
        width: factor on the channels.
        batch_size: windows of a second per step.
        precision: "float32" or "mixed_bfloat16".
        steps: how many are timed at a time.
        repetitions: how often.
        rate: multiply-adds per second of large products of that precision.

    Returns:
        Rows of milliseconds, steps per second, megabytes, multiply-adds of a
        window forward, and the share of the rate that a step reaches.
    """
    names = [*names, CONVOLUTIONS, SAME_BATCH]
    peaks = {
        name: memory.peak_bytes(
            f"{__name__}:few_steps",
            name=name,
            width=width,
            batch_size=batch_size,
            precision=precision,
        )
        for name in names
    }
    with tempfile.TemporaryDirectory() as folder:
        clips = input_side.noise_store(folder).examples("train")
        drawn = input_side.training_windows(clips, batch_size)
        same = input_side.SameBatch(clips, batch_size)
        make = functools.partial(
            timed_steps, width=width, precision=precision, steps=steps
        )
        runs = {
            name: make(name, same if name == SAME_BATCH else drawn)
            for name in names
        }
        seconds = in_turns(runs, repetitions, warm_up=1)
    return [
        _row(n, seconds[n], peaks[n], width, batch_size, rate) for n in names
    ]


def _row(name, seconds, peak, width, batch_size, rate) -> dict:
    of_strided = name in (CONVOLUTIONS, SAME_BATCH)
    count = arms.count_multiply_adds(
        "strided_conv" if of_strided else name, width
    )
    done = count and count * batch_size * FLOPS_PER_MULTIPLY_ADD / seconds
    return {
        "arm": name,
        "training_ms": 1000 * seconds,
        "steps_per_s": 1 / seconds,
        "peak_mb": peak and peak / 1e6,
        "multiply_adds": count,
        "utilisation": done and done / (2 * rate),
    }
