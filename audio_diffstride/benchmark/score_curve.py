"""The validated score of a training against the time that it took.

The training is that of `audio-diffstride train`: the same batches, steps and
weights. Scoring is not part of its time.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import time
from collections.abc import Sequence
from typing import Any

import keras
import ml_collections

from audio_diffstride import backends
from audio_diffstride.backends import during_fit
from audio_diffstride.benchmark import devices
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference
from audio_diffstride.optimization.averaging import averaged_weights
from audio_diffstride.optimization.size_refresh import RefreshSizes
from audio_diffstride.runs import loading
from audio_diffstride.training import batches, monitor
from audio_diffstride.training.finite import TerminateOnNonFinite
from audio_diffstride.training.model import build_model, compile_model


@dataclasses.dataclass(frozen=True)
class Point:
    """A score on the way.

    Attributes:
        step: how many steps were taken.
        seconds: of training until then, the input side included.
        cpu_s: the same in seconds of all cores together, which other programs
            on the machine change less.
        score: the monitored one, on whole recordings.
    """

    step: int
    seconds: float
    cpu_s: float
    score: float


class ScoreCurve(keras.callbacks.Callback):
    """Scores a model after every epoch, and times the training between.

    Args:
        config: of the training.
        stores: the data sets.
        split: to score on.
        target: a score that ends the training, or None.

    Attributes:
        monitor: which score it is.
        points: a score per epoch.
        first_step_s: until the end of the first step, which is traced and
            perhaps compiled.
    """

    def __init__(
        self,
        config: ml_collections.ConfigDict,
        stores: Sequence[Store],
        split: str,
        target: float | None = None,
    ):
        super().__init__()
        self._config = config
        self._target = target
        kinds = {task: kind for s in stores for task, kind in s.kinds.items()}
        self.monitor = monitor.of_tasks(config.training.monitor, kinds)
        self._examples = [
            store.examples(split)
            for store in stores
            if store.num_examples.get(split)
        ]
        self.points: list[Point] = []
        self.first_step_s = 0.0
        self._seconds = self._cpu_s = 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        self._start_clocks()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if not self.first_step_s:
            devices.wait(logs)
            self.first_step_s = time.perf_counter() - self._begin_s

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        devices.wait(logs)
        self._seconds += time.perf_counter() - self._begin_s
        self._cpu_s += time.process_time() - self._begin_cpu_s
        step = (epoch + 1) * self._config.training.steps_per_epoch
        self.points.append(
            Point(step, self._seconds, self._cpu_s, self._score())
        )
        if self._target is not None and self.first_to_reach(self._target):
            self.model.stop_training = True
        self._start_clocks()

    def first_to_reach(self, target: float) -> Point | None:
        """The first point with this score or a better one."""
        for point in self.points:
            if not self.monitor.is_better(target, point.score):
                return point
        return None

    def _start_clocks(self) -> None:
        self._begin_s = time.perf_counter()
        self._begin_cpu_s = time.process_time()

    def _score(self) -> float:
        recordings: dict[str, inference.LabelledRecordings] = {}
        with averaged_weights(self.model):
            for examples in self._examples:
                recordings |= inference.label_recordings(
                    self.model,
                    examples,
                    loading.evaluation_input(self._config),
                    self._config.training.batch_size,
                    **loading.evaluation_windows(self._config),
                )
        return self.monitor.value(recordings)


def measure(
    config: ml_collections.ConfigDict,
    stores: list[Store],
    split: str,
    target: float | None = None,
) -> ScoreCurve:
    """Trains from the first step to the last, or to a score; see `ScoreCurve`.

    A training that diverges ends there, and says so.
    """
    if not config.training.jit_compile:  # Keras allows only one of the two
        backends.make_deterministic()
    keras.utils.clear_session()
    keras.utils.set_random_seed(config.seed)
    tasks = {t: names for store in stores for t, names in store.tasks.items()}
    kinds = {task: kind for s in stores for task, kind in s.kinds.items()}
    model = build_model(config, tasks, kinds)
    compile_model(model, config)
    model.optimizer.build(model.trainable_variables)
    examples = batches.training_examples(config, stores)
    training = config.training
    curve = ScoreCurve(config, stores, split, target)
    finite = TerminateOnNonFinite(examples, 0, training.steps_per_epoch)
    try:
        # The callbacks print.
        with contextlib.redirect_stdout(io.StringIO()):
            model.fit(
                during_fit.prefetched(examples),
                epochs=training.num_steps // training.steps_per_epoch,
                steps_per_epoch=training.steps_per_epoch,
                callbacks=[finite, RefreshSizes(), curve],
                shuffle=False,
                verbose=0,
            )
    except UserError as error:
        print(f"note: {error}")
    return curve
