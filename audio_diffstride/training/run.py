"""A training run: from a config and clip stores to a work directory."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Iterator
from typing import Any

import keras
import ml_collections

from audio_diffstride import backends
from audio_diffstride.config import config_checks
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.store_files import Store
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import background
from audio_diffstride.runs import layout, provenance
from audio_diffstride.training import (
    batches,
    checkpoints,
    devices,
    early_stopping,
    fitting,
    initial_run,
    machines,
    monitor,
    work_directory,
)
from audio_diffstride.training.model import build_model, compile_model
from audio_diffstride.training.progress import Progress


def train(
    config: ml_collections.ConfigDict,
    workdir: str | os.PathLike[str],
    stores: list[Store],
    overwrite: bool = False,
    noise: ClipStore | None = None,
) -> None:
    """Trains a classifier and writes the run to a work directory.

    `runs.layout` lists the files. On one CPU the same config gives the same
    bits.

    Called again with the same arguments, an interrupted run resumes from the
    end of its last complete epoch. It ends bit-identical to an uninterrupted
    run. A finished run is not changed.

    Args:
        config: the config; configs/default.py explains every field.
        workdir: created if it does not exist.
        stores: the data sets; every batch holds each in its proportion.
        overwrite: remove the run that is there, and start over.
        noise: the prepared background of the config. None prepares it, if the
            config has one.

    Raises:
        UserError: for a config and stores that do not fit, a work directory
            with another run, one that cannot be written, or a loss that is
            not finite.
    """
    workdir = pathlib.Path(workdir)

    def remedy() -> str:
        step = checkpoints.latest_step(workdir / layout.CHECKPOINTS)
        return f"the same command on all resumes from step {step}"

    with machines.explain_lost_process(remedy), machines.only_first_prints():
        noise = noise or background.prepare(config)
        _train(config, workdir, stores, overwrite, noise)


def _train(
    config: ml_collections.ConfigDict,
    workdir: pathlib.Path,
    stores: list[Store],
    overwrite: bool,
    noise: ClipStore | None,
) -> None:
    workers = devices.workers(config)
    _check(config, stores, noise, workers)
    if not config.training.jit_compile:  # Keras allows only one of the two
        backends.make_deterministic()
    keras.utils.set_random_seed(config.seed)
    tasks = {t: names for store in stores for t, names in store.tasks.items()}
    kinds = {task: kind for s in stores for task, kind in s.kinds.items()}
    with devices.shared_by(devices.count(config)):
        model = build_model(config, tasks, kinds)
        initial_run.start_from(model, config)
        compile_model(model, config)
        devices.join_replicas(model)
        model.optimizer.build(model.trainable_variables)
        inputs = _inputs(config, stores, noise)
        with _locked(
            workdir, config, inputs, overwrite, workers
        ) as is_finished:
            if not is_finished:
                _resume(model, config, workdir, stores, noise, inputs, workers)
                return
            early = provenance.stopped_early(workdir)
            print(
                f"the run in {workdir} has finished already"
                + (f", stopped early at step {early}" if early else "")
                + "; --overwrite would train it again"
            )
            if machines.is_first():
                checkpoints.remove(workdir / layout.CHECKPOINTS)


def _check(
    config: ml_collections.ConfigDict,
    stores: list[Store],
    noise: ClipStore | None,
    workers: dict[str, int],
) -> None:
    """Reports user errors before any file is written."""
    for problem in config_checks.steps(config):
        raise UserError(problem)
    batches.check_stores(config, stores)
    batches.training_examples(config, stores, noise=noise)
    monitor.check(config, stores)
    early_stopping.check(config, stores)
    if "image" in config and workers != provenance.SINGLE_WORKER:
        raise UserError(
            "several devices or processes train on sound only; for images "
            "start one process, with --config.devices=1"
        )


@contextlib.contextmanager
def _locked(
    workdir: pathlib.Path,
    config: ml_collections.ConfigDict,
    inputs: list[provenance.Input],
    overwrite: bool,
    workers: dict[str, int],
) -> Iterator[bool]:
    """Process 0 locks the work directory; yields whether the run is over."""
    with contextlib.ExitStack() as stack:

        def begin() -> bool:
            stack.enter_context(work_directory.locked(workdir))
            return work_directory.begin(
                workdir, config, inputs, overwrite, workers
            )

        yield machines.broadcast_from_first(begin)


def _resume(
    model: Any,
    config: ml_collections.ConfigDict,
    workdir: pathlib.Path,
    stores: list[Store],
    noise: ClipStore | None,
    inputs: list[provenance.Input],
    workers: dict[str, int],
) -> None:
    """Trains from the last checkpoint, or from step 0, to the end."""
    training = config.training
    num_steps = training.num_steps
    progress = Progress(
        workdir,
        training.steps_per_epoch,
        machines.is_first(),
        monitor.of_tasks(training.monitor, model.kinds),
        training.early_stopping_epochs,
    )
    progress.restore(model)
    step = progress.saved_step
    _check_step(workdir, step)
    if machines.is_first():
        if provenance.read(workdir) is not None:
            print(f"resuming from step {step} of {num_steps}")
        provenance.add_start(workdir, step, config, inputs, workers)
        work_directory.write_inputs(workdir, config, stores)
    if step < num_steps and not progress.stopped_early:
        print(f"training on {_device_names(config)}")
        fitting.fit(model, config, stores, workdir, progress, noise)
    step = progress.saved_step
    is_early = progress.stopped_early and step < num_steps
    if step < num_steps and not is_early:
        print(
            "stopped; the same command resumes from the end of the last "
            f"complete epoch, step {step}"
        )
        return
    if is_early:
        print(
            f"stopped early at step {step} of {num_steps}: no better "
            f"training.monitor in {training.early_stopping_epochs} epochs"
        )
    if machines.is_first():
        provenance.add_finish(workdir, step if is_early else None)
        checkpoints.remove(progress.folder)


def _inputs(
    config: ml_collections.ConfigDict,
    stores: list[Store],
    noise: ClipStore | None,
) -> list[provenance.Input]:
    """All that decides the numbers of a run besides its config."""
    others = [] if noise is None else [noise]
    return [*stores, *others, *initial_run.initial_model(config)]


def _device_names(config: ml_collections.ConfigDict) -> str:
    """The devices of this process, for the first line of a training."""
    names = [name for name in backends.devices() if "cpu" not in name.lower()]
    return ", ".join(names[: devices.count(config)]) or "the CPU"


def _check_step(workdir: pathlib.Path, step: int) -> None:
    """Checks that all processes see the same work directory."""
    of_first = machines.broadcast_from_first(lambda: step)
    if step != of_first:
        raise UserError(
            f"{workdir} is at step {step} for process {machines.index()} and "
            f"at step {of_first} for process 0; give a folder that all share"
        )
