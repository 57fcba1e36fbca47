"""The training loop: Keras's `fit` with the callbacks of a run."""

from __future__ import annotations

import contextlib
import pathlib
import sys
from collections.abc import Iterator
from typing import Any

import keras
import ml_collections

from audio_diffstride.backends import during_fit
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.optimization.size_refresh import RefreshSizes
from audio_diffstride.runs import layout, loading, provenance
from audio_diffstride.training import (
    batches,
    callbacks,
    devices,
    finite,
    machines,
    scalars,
)
from audio_diffstride.training.monitor import of_tasks
from audio_diffstride.training.progress import Progress


def fit(
    model: Any,
    config: ml_collections.ConfigDict,
    stores: list[Store],
    workdir: pathlib.Path,
    progress: Progress,
    noise: ClipStore | None,
) -> None:
    """Trains from the saved step to the end, or until Ctrl-C.

    Args:
        model: compiled, with the state of the saved step.
        config: of the run.
        stores: the data sets.
        workdir: of the run.
        progress: the saved step; it saves every epoch.
        noise: the prepared background of the config, if it has one.
    """
    steps_per_epoch = config.training.steps_per_epoch
    examples = batches.training_examples(
        config,
        stores,
        progress.saved_step,
        (machines.index(), machines.count()),
        noise,
    )
    check_finite = finite.TerminateOnNonFinite(
        examples, progress.saved_step, steps_per_epoch
    )
    with (
        _stopped_by_interrupt() as interrupt,
        _explained_by(check_finite, model),
    ):
        model.fit(
            during_fit.prefetched(examples),
            initial_epoch=progress.saved_step // steps_per_epoch,
            epochs=config.training.num_steps // steps_per_epoch,
            steps_per_epoch=steps_per_epoch,
            callbacks=[
                *interrupt,
                check_finite,
                RefreshSizes(),
                *_monitoring_callbacks(model, config, stores, workdir),
                progress,
            ],
            shuffle=False,  # Keras would take the run's batches in any order
            verbose=_verbosity(),
        )


@contextlib.contextmanager
def _explained_by(
    check: finite.TerminateOnNonFinite, model: Any
) -> Iterator[None]:
    """Says of a step that failed that a weight was not finite, if so."""
    try:
        yield
    except UserError:
        raise
    except Exception:
        check.check_weights(model)
        raise


def _monitoring_callbacks(
    model: Any,
    config: ml_collections.ConfigDict,
    stores: list[Store],
    workdir: pathlib.Path,
) -> list[keras.callbacks.Callback]:
    """Validation and printed or drawn progress; only process 0 has them."""
    if not machines.is_first():
        return []
    training = config.training
    evaluation_input = loading.evaluation_input(config)
    size = model.front_end.output_size(evaluation_input)
    monitoring = [
        keras.callbacks.ProgbarLogger(),
        callbacks.PrintProgress(
            training.num_steps, training.steps_per_epoch, size
        ),
        scalars.TensorBoard(
            workdir / layout.TENSORBOARD, training.steps_per_epoch, size
        ),
    ]
    validation = [
        store.examples("validation")
        for store in stores
        if store.num_examples.get("validation")
    ]
    if validation:
        is_shared = devices.workers(config) != provenance.SINGLE_WORKER
        validate = callbacks.ValidateRecordings(
            validation,
            evaluation_input,
            training.batch_size,
            devices.OnOneDevice if is_shared else None,
            of_tasks(training.monitor, model.kinds),
            **loading.evaluation_windows(config),
        )
        monitoring.insert(0, validate)  # the others report its accuracy
    return monitoring


@contextlib.contextmanager
def _stopped_by_interrupt() -> Iterator[list[keras.callbacks.Callback]]:
    """Ctrl-C stops one process after a step, and several processes at once.

    Several processes would not stop after the same step.

    Yields:
        The callback that stops the run, in a list, if there is one.
    """
    if machines.count() > 1:
        yield []
        return
    with callbacks.StopOnInterrupt() as interrupt:
        yield [interrupt]


def _verbosity() -> int:
    """A progress bar in a terminal, a line for each epoch elsewhere."""
    if not machines.is_first():
        return 0
    return 1 if sys.stdout.isatty() else 2
