"""A run: a config and clip stores to a work directory."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sys

import keras

from audio_diffstride import backends, config_checks, runs
from audio_diffstride.errors import UserError
from audio_diffstride.fixed_sizes import RefreshSizes
from audio_diffstride.store_files import Store
from audio_diffstride.training import (
    batches,
    callbacks,
    checkpoints,
    devices,
    finite,
    machines,
    progress,
    provenance,
    scalars,
    work_directory,
)
from audio_diffstride.training.model import build_model, compile_model


def train(
    config,
    workdir: str | os.PathLike,
    stores: list[Store],
    overwrite: bool = False,
):
    """Trains a classifier and writes everything to a work directory.

    The work directory then holds config.json (as resolved), stores.json (the
    clip stores trained on), run.json (where it all comes from), best.keras
    and last.keras, history.csv (losses and accuracies per epoch), strides.csv
    and TensorBoard scalars. On one CPU the same config gives the same bits.

    Called again with the same arguments, a run that was killed goes on from
    its last whole epoch and ends with the bits of one that was not; a run
    that has finished is left alone.

    Args:
        config: an `ml_collections.ConfigDict`; every field is explained in
            configs/default.py.
        workdir: created if it does not exist.
        stores: the data sets; batches hold each in its proportion.
        overwrite: remove the run that is there, and begin anew.

    Raises:
        UserError: for a config and stores that do not fit together, a work
            directory of another run, one that cannot be written, or a loss
            that is not finite.
    """
    workdir = pathlib.Path(workdir)

    def goes_on() -> str:
        step = checkpoints.latest_step(workdir / "checkpoints")
        return f"the same command on all goes on from step {step}"

    with machines.loss_told(goes_on), machines.one_voice():
        _train(config, workdir, stores, overwrite)


def _train(config, workdir, stores, overwrite):
    num_steps = config.training.num_steps
    steps_per_epoch = config.training.steps_per_epoch
    for problem in config_checks.steps(config):
        raise UserError(problem)
    batches.check_stores(config, stores)
    batches.training_examples(config, stores)  # mistakes before any file
    validation = [
        store.clips("validation")
        for store in stores
        if store.num_clips.get("validation")
    ]
    workers = devices.workers(config)
    if "image" in config and workers != provenance.ALONE:
        raise UserError(
            "several devices or processes train on sound only; for images "
            "start one process, with --config.devices=1"
        )
    if not config.training.jit_compile:  # Keras has the two exclude each other
        backends.make_deterministic()
    keras.utils.set_random_seed(config.seed)
    tasks = {t: names for store in stores for t, names in store.tasks.items()}
    with (
        devices.shared_by(devices.count(config)),
        contextlib.ExitStack() as until_the_end,
    ):
        model = build_model(config, tasks)
        compile_model(model, config)
        devices.join_replicas(model)
        model.optimizer.build(model.trainable_variables)

        def begin() -> bool:
            until_the_end.enter_context(work_directory.held(workdir))
            return work_directory.begin(
                workdir, config, stores, overwrite, workers
            )

        if machines.decided_by_first(begin):
            print(
                f"the run in {workdir} has finished already; --overwrite "
                "would train it anew"
            )
            if machines.is_first():
                checkpoints.remove(workdir / "checkpoints")
            return
        kept = progress.Progress(workdir, steps_per_epoch, machines.is_first())
        kept.restore(model)
        _check_step(workdir, kept.whole_steps)
        if machines.is_first():
            if provenance.read(workdir) is not None:
                print(f"going on from step {kept.whole_steps} of {num_steps}")
            provenance.add_start(
                workdir, kept.whole_steps, config, stores, workers
            )
            work_directory.write_inputs(workdir, config, stores)
        if kept.whole_steps < num_steps:
            _fit(model, config, stores, validation, workdir, kept)
        if kept.whole_steps < num_steps:
            print(
                "stopped; the same command goes on from the end of the last "
                f"whole epoch, step {kept.whole_steps}"
            )
            return
        if machines.is_first():
            provenance.add_finish(workdir)
            checkpoints.remove(kept.folder)


def _check_step(workdir, step: int):
    """Refuses a work directory that is not the same folder for all."""
    of_first = machines.decided_by_first(lambda: step)
    if step != of_first:
        raise UserError(
            f"{workdir} is at step {step} for process {machines.index()} and "
            f"at step {of_first} for process 0; give a folder that all share"
        )


def _fit(model, config, stores, validation, workdir, kept):
    training = config.training
    num_steps, steps_per_epoch = training.num_steps, training.steps_per_epoch
    shown = runs.shown(config)
    size = model.front_end.output_size(shown)
    share = machines.index(), machines.count()
    examples = batches.training_examples(
        config, stores, kept.whole_steps, share
    )
    is_shared = devices.workers(config) != provenance.ALONE
    validate = callbacks.ValidateRecordings(
        validation,
        shown,
        training.batch_size,
        devices.OnOneDevice if is_shared else None,
    )
    folder = workdir / "tensorboard" / "train"
    told = [
        *([validate] if validation else []),
        keras.callbacks.ProgbarLogger(),
        callbacks.Narrate(num_steps, steps_per_epoch, size),
        scalars.TensorBoard(folder, steps_per_epoch, size),
    ]
    with _stop_on_interrupt() as interrupt:
        model.fit(
            examples,
            initial_epoch=kept.whole_steps // steps_per_epoch,
            epochs=num_steps // steps_per_epoch,
            steps_per_epoch=steps_per_epoch,
            callbacks=[
                *interrupt,
                finite.StopWhenNotFinite(
                    examples, kept.whole_steps, steps_per_epoch
                ),
                RefreshSizes(),
                *(told if machines.is_first() else []),
                kept,
            ],
            shuffle=False,  # Keras would take the run's batches in any order
            verbose=_verbosity(),
        )


@contextlib.contextmanager
def _stop_on_interrupt():
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
