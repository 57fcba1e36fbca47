"""The epochs of a run: Keras's `fit`, and what happens around its steps."""

from __future__ import annotations

import contextlib
import sys

import keras

from audio_diffstride.backends import during_fit
from audio_diffstride.optimization.size_refresh import RefreshSizes
from audio_diffstride.runs import loading, provenance
from audio_diffstride.training import (
    batches,
    callbacks,
    devices,
    finite,
    machines,
    progress,
    scalars,
)


def fit(model, config, stores, workdir, kept: progress.Progress):
    """Trains from the last whole epoch to the end, or until it is stopped.

    Args:
        model: compiled, with the state of that epoch.
        config: of the run.
        stores: the data sets.
        workdir: of the run.
        kept: how far it has come.
    """
    steps_per_epoch = config.training.steps_per_epoch
    examples = batches.training_examples(
        config, stores, kept.whole_steps, (machines.index(), machines.count())
    )
    with _stopped_by_interrupt() as interrupt:
        model.fit(
            during_fit.prefetched(examples),
            initial_epoch=kept.whole_steps // steps_per_epoch,
            epochs=config.training.num_steps // steps_per_epoch,
            steps_per_epoch=steps_per_epoch,
            callbacks=[
                *interrupt,
                finite.TerminateOnNonFinite(
                    examples, kept.whole_steps, steps_per_epoch
                ),
                RefreshSizes(),
                *_told(model, config, stores, workdir),
                kept,
            ],
            shuffle=False,  # Keras would take the run's batches in any order
            verbose=_verbosity(),
        )


def _told(model, config, stores, workdir) -> list[keras.callbacks.Callback]:
    """What validates and tells: process 0 alone does."""
    if not machines.is_first():
        return []
    training, shown = config.training, loading.shown(config)
    size = model.front_end.output_size(shown)
    told = [
        keras.callbacks.ProgbarLogger(),
        callbacks.PrintProgress(
            training.num_steps, training.steps_per_epoch, size
        ),
        scalars.TensorBoard(
            workdir / "tensorboard" / "train", training.steps_per_epoch, size
        ),
    ]
    validation = [
        store.examples("validation")
        for store in stores
        if store.num_examples.get("validation")
    ]
    if validation:
        is_shared = devices.workers(config) != provenance.ALONE
        validate = callbacks.ValidateRecordings(
            validation,
            shown,
            training.batch_size,
            devices.OnOneDevice if is_shared else None,
        )
        told.insert(0, validate)  # the others tell its accuracy
    return told


@contextlib.contextmanager
def _stopped_by_interrupt():
    """Several processes would not stop after the same step: they end at once.

    Yields:
        The callback that closes the epoch at Ctrl-C, in a list, if any.
    """
    if machines.count() > 1:
        yield []
        return
    with callbacks.StopOnInterrupt() as interrupt:
        yield [interrupt]


def _verbosity() -> int:
    """None but process 0 tells; not line by line where nobody watches."""
    if not machines.is_first():
        return 0
    return 1 if sys.stdout.isatty() else 2
