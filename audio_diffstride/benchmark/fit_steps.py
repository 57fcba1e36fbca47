"""Steps of `fit` as in a run: timed, or taken to measure their memory.

`fit` gets windows from a store, and those callbacks of a run that act at every
step. So these are the steps of a real run: a million of them take a million
times as long.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import time
from collections.abc import Callable
from typing import Any

import keras

from audio_diffstride.backends import during_fit
from audio_diffstride.benchmark import arms, devices, input_side
from audio_diffstride.config import recipes
from audio_diffstride.optimization.size_refresh import RefreshSizes
from audio_diffstride.training.finite import TerminateOnNonFinite
from audio_diffstride.training.model import compile_model

# Not an arm: the strided network with the same batch again and again. With
# `arms.CONVOLUTIONS`, it bounds the speed of the arms.
SAME_BATCH = "strided_conv, one batch"

# Strides get gradients and steps of Adam, but keep their values. If a size
# changed between two turns, their times could not be compared.
_CONFIG = recipes.default()
_CONFIG.training.stride_step_ratio = 0.0
_CONFIG.training.folding_step_ratio = 0.0


class Stopwatch(keras.callbacks.Callback):
    """Measures the steps of an epoch after the first.

    Attributes:
        seconds: the mean of a step.
    """

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        if batch in (0, self.params["steps"] - 1):
            devices.wait(logs)
            now = time.perf_counter()
        if batch == 0:
            self._begin = now
        elif batch == self.params["steps"] - 1:
            self.seconds = (now - self._begin) / batch


def timed_steps(
    name: str, windows: Any, width: float, precision: str, steps: int
) -> Callable[[], float]:
    """A function that takes some steps and returns the seconds of one.

    Args:
        name: of an arm, `arms.CONVOLUTIONS` or `SAME_BATCH`.
        windows: the batches.
        width: factor on the channels.
        precision: "float32" or "mixed_bfloat16".
        steps: how many are timed in a row.
    """
    arm = "strided_conv" if name == SAME_BATCH else name
    model = arms.classifier(arm, width, precision=precision)
    compile_model(model, _CONFIG)
    sizes, stopwatch = RefreshSizes(), Stopwatch()
    finite = TerminateOnNonFinite(windows, 0, steps + 1)

    def fit() -> float:
        # The callbacks print.
        with contextlib.redirect_stdout(io.StringIO()):
            model.fit(
                during_fit.prefetched(windows),
                steps_per_epoch=steps + 1,
                callbacks=[finite, sizes, stopwatch],
                shuffle=False,
                verbose=0,
            )
        return stopwatch.seconds

    return fit


def few_steps(
    name: str, width: float, batch_size: int, precision: str
) -> Callable[[], float]:
    """Steps on one batch of noise, to measure their memory; see `timed_steps`.

    Args:
        name: of an arm, `arms.CONVOLUTIONS` or `SAME_BATCH`.
        width: factor on the channels.
        batch_size: windows per step.
        precision: "float32" or "mixed_bfloat16".
    """
    with tempfile.TemporaryDirectory() as folder:
        clips = input_side.noise_store(folder).examples("train")
        windows = input_side.SameBatch(clips, batch_size)
    return timed_steps(name, windows, width, precision, steps=1)
