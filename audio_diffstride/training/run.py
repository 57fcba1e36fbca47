"""A run: a config and clip stores to a work directory."""

from __future__ import annotations

import os
import pathlib
import sys

import keras

from audio_diffstride import atomic, run_stores, runs
from audio_diffstride.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.training import callbacks
from audio_diffstride.training.batches import training_windows
from audio_diffstride.training.model import build_model, compile_model


def train(config, workdir: str | os.PathLike, stores: list[ClipStore]):
    """Trains a classifier and writes everything to a work directory.

    The work directory then holds config.json (as resolved), stores.json (the
    clip stores trained on), best.keras and last.keras, history.csv (losses
    and accuracies per epoch), strides.csv and TensorBoard scalars. On one CPU
    the same config gives the same bits.

    Args:
        config: an `ml_collections.ConfigDict`; every field is explained in
            configs/default.py.
        workdir: created if it does not exist.
        stores: the data sets; batches hold each in its proportion.

    Returns:
        The `keras.callbacks.History` of the run.

    Raises:
        UserError: for a config and stores that do not fit together.
    """
    training = config.training
    epochs, rest = divmod(training.num_steps, training.steps_per_epoch)
    if rest or not epochs:
        raise UserError(
            "training.num_steps must be a multiple of training.steps_per_epoch"
            f", not {training.num_steps} of {training.steps_per_epoch}"
        )
    _check_rates(config, stores)
    workdir = pathlib.Path(workdir)
    atomic.write_text(
        workdir / "config.json", config.to_json_best_effort(indent=2) + "\n"
    )
    run_stores.write(workdir, stores)
    _make_reproducible(config.seed)
    tasks = {t: names for store in stores for t, names in store.tasks.items()}
    model = build_model(config, tasks)
    compile_model(model, config)
    return model.fit(
        training_windows(config, stores),
        epochs=epochs,
        steps_per_epoch=training.steps_per_epoch,
        callbacks=_callbacks(config, model, workdir, stores),
        shuffle=False,  # Keras would take the run's batches in any order
        verbose=1 if sys.stdout.isatty() else 2,
    )


def _check_rates(config, stores: list[ClipStore]):
    rate_hz = config.front_end.sample_rate_hz
    for store in stores:
        if store.sample_rate_hz != rate_hz:
            raise UserError(
                f"front_end.sample_rate_hz is {rate_hz}, but the clip store "
                f"{store.path} holds {store.sample_rate_hz} Hz"
            )


def _make_reproducible(seed: int):
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _callbacks(config, model, workdir, stores):
    training = config.training
    window_samples = runs.window_samples(config)
    frames = model.front_end.num_frames(window_samples)
    bands = model.front_end.num_bands
    validation = [
        store.clips("validation")
        for store in stores
        if store.num_clips.get("validation")
    ]
    validate = callbacks.ValidateRecordings(
        validation, window_samples, training.batch_size
    )
    return [
        *([validate] if validation else []),
        keras.callbacks.ProgbarLogger(),
        callbacks.Narrate(training.num_steps, frames, bands),
        callbacks.StrideHistory(workdir / "strides.csv"),
        callbacks.SaveModels(workdir),
        keras.callbacks.CSVLogger(workdir / "history.csv"),
        callbacks.TensorBoard(workdir / "tensorboard", frames, bands),
        keras.callbacks.TerminateOnNaN(),
        callbacks.StopOnInterrupt(),
    ]
