"""A run: a config and clip stores to a work directory."""

from __future__ import annotations

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
    finite,
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
    num_steps = config.training.num_steps
    steps_per_epoch = config.training.steps_per_epoch
    for problem in config_checks.steps(config):
        raise UserError(problem)
    workdir = pathlib.Path(workdir)
    batches.check_stores(config, stores)
    batches.training_examples(config, stores)  # mistakes before any file
    validation = [
        store.clips("validation")
        for store in stores
        if store.num_clips.get("validation")
    ]
    if not config.training.jit_compile:  # Keras has the two exclude each other
        backends.make_deterministic()
    keras.utils.set_random_seed(config.seed)
    tasks = {t: names for store in stores for t, names in store.tasks.items()}
    model = build_model(config, tasks)
    compile_model(model, config)
    model.optimizer.build(model.trainable_variables)
    with work_directory.held(workdir):
        if work_directory.begin(workdir, config, stores, overwrite):
            print(
                f"the run in {workdir} has finished already; --overwrite "
                "would train it anew"
            )
            checkpoints.remove(workdir / "checkpoints")
            return
        kept = progress.Progress(workdir, steps_per_epoch)
        kept.restore(model)
        if provenance.read(workdir) is not None:
            print(f"going on from step {kept.whole_steps} of {num_steps}")
        provenance.add_start(workdir, kept.whole_steps, config, stores)
        work_directory.write_inputs(workdir, config, stores)
        if kept.whole_steps < num_steps:
            _fit(model, config, stores, validation, workdir, kept)
        if kept.whole_steps < num_steps:
            print(
                "stopped; the same command goes on from the end of the last "
                f"whole epoch, step {kept.whole_steps}"
            )
            return
        provenance.add_finish(workdir)
        checkpoints.remove(kept.folder)


def _fit(model, config, stores, validation, workdir, kept):
    training = config.training
    num_steps, steps_per_epoch = training.num_steps, training.steps_per_epoch
    shown = runs.shown(config)
    size = model.front_end.output_size(shown)
    examples = batches.training_examples(config, stores, kept.whole_steps)
    validate = callbacks.ValidateRecordings(
        validation, shown, training.batch_size
    )
    folder = workdir / "tensorboard" / "train"
    with callbacks.StopOnInterrupt() as interrupt:
        model.fit(
            examples,
            initial_epoch=kept.whole_steps // steps_per_epoch,
            epochs=num_steps // steps_per_epoch,
            steps_per_epoch=steps_per_epoch,
            callbacks=[
                interrupt,
                finite.StopWhenNotFinite(
                    examples, kept.whole_steps, steps_per_epoch
                ),
                RefreshSizes(),
                *([validate] if validation else []),
                keras.callbacks.ProgbarLogger(),
                callbacks.Narrate(num_steps, steps_per_epoch, size),
                scalars.TensorBoard(folder, steps_per_epoch, size),
                kept,
            ],
            shuffle=False,  # Keras would take the run's batches in any order
            verbose=1 if sys.stdout.isatty() else 2,
        )
