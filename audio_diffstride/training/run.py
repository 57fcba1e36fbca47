"""A run: a config and clip stores to a work directory."""

from __future__ import annotations

import contextlib
import os
import pathlib

import keras

from audio_diffstride import backends
from audio_diffstride.config import config_checks
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.runs import provenance
from audio_diffstride.training import (
    batches,
    checkpoints,
    devices,
    fitting,
    machines,
    progress,
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

    with machines.explain_lost_process(goes_on), machines.only_first_prints():
        _train(config, workdir, stores, overwrite)


def _train(config, workdir, stores, overwrite):
    workers = devices.workers(config)
    _check(config, stores, workers)
    if not config.training.jit_compile:  # Keras has the two exclude each other
        backends.make_deterministic()
    keras.utils.set_random_seed(config.seed)
    tasks = {t: names for store in stores for t, names in store.tasks.items()}
    with devices.shared_by(devices.count(config)):
        model = build_model(config, tasks)
        compile_model(model, config)
        devices.join_replicas(model)
        model.optimizer.build(model.trainable_variables)
        with _held(workdir, config, stores, overwrite, workers) as is_finished:
            if not is_finished:
                _go_on(model, config, workdir, stores, workers)
                return
            print(
                f"the run in {workdir} has finished already; --overwrite "
                "would train it anew"
            )
            if machines.is_first():
                checkpoints.remove(workdir / "checkpoints")


def _check(config, stores, workers):
    """Tells mistakes before any file is written."""
    for problem in config_checks.steps(config):
        raise UserError(problem)
    batches.check_stores(config, stores)
    batches.training_examples(config, stores)
    if "image" in config and workers != provenance.ALONE:
        raise UserError(
            "several devices or processes train on sound only; for images "
            "start one process, with --config.devices=1"
        )


@contextlib.contextmanager
def _held(workdir, config, stores, overwrite, workers):
    """Process 0 holds the work directory; yields whether its run is over."""
    with contextlib.ExitStack() as until_the_end:

        def begin() -> bool:
            until_the_end.enter_context(work_directory.locked(workdir))
            return work_directory.begin(
                workdir, config, stores, overwrite, workers
            )

        yield machines.broadcast_from_first(begin)


def _go_on(model, config, workdir, stores, workers):
    """From the last whole epoch, or from the beginning, as far as it goes."""
    num_steps = config.training.num_steps
    kept = progress.Progress(
        workdir, config.training.steps_per_epoch, machines.is_first()
    )
    kept.restore(model)
    _check_step(workdir, kept.whole_steps)
    if machines.is_first():
        if provenance.read(workdir) is not None:
            print(f"going on from step {kept.whole_steps} of {num_steps}")
        provenance.add_start(workdir, kept.whole_steps, config, stores, workers)
        work_directory.write_inputs(workdir, config, stores)
    if kept.whole_steps < num_steps:
        fitting.fit(model, config, stores, workdir, kept)
    if kept.whole_steps < num_steps:
        print(
            "stopped; the same command goes on from the end of the last "
            f"whole epoch, step {kept.whole_steps}"
        )
    elif machines.is_first():
        provenance.add_finish(workdir)
        checkpoints.remove(kept.folder)


def _check_step(workdir, step: int):
    """Refuses a work directory that is not the same folder for all."""
    of_first = machines.broadcast_from_first(lambda: step)
    if step != of_first:
        raise UserError(
            f"{workdir} is at step {step} for process {machines.index()} and "
            f"at step {of_first} for process 0; give a folder that all share"
        )
