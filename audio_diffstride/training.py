"""Training: a config and clip stores to a work directory."""

from __future__ import annotations

import os
import pathlib
import sys

import keras

from audio_diffstride import atomic, callbacks, run_stores, runs
from audio_diffstride.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.fixed_sizes import RefreshSizes
from audio_diffstride.layers import LogMelSpectrogram
from audio_diffstride.models import AudioClassifier, TimeFrequencyEncoder
from audio_diffstride.optimizer import StrideAdam
from audio_diffstride.windows import MixedWindows, TrainingWindows


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


def training_windows(config, stores: list[ClipStore]):
    """The batches of the whole run, each data set in its proportion."""
    training = config.training
    sizes = batch_shares(
        training.batch_size, config.data.proportions or (1,) * len(stores)
    )
    if len(sizes) != len(stores):
        raise UserError(
            f"data.proportions has {len(sizes)} numbers for {len(stores)} "
            "data sets; give one for each, in the order of data.source"
        )
    parts = [
        TrainingWindows(
            store.clips("train"),
            window_samples=runs.window_samples(config),
            batch_size=size,
            num_steps=training.num_steps,
            seed=config.seed,
        )
        for store, size in zip(stores, sizes)
    ]
    return parts[0] if len(parts) == 1 else MixedWindows(parts)


def batch_shares(batch_size: int, proportions) -> list[int]:
    """Whole numbers in those proportions that make up the batch.

    What rounding down leaves over goes to the largest remainders.

    >>> batch_shares(64, (1, 1, 2.5))
    [14, 14, 36]
    """
    exact = [batch_size * p / sum(proportions) for p in proportions]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
    for index in by_remainder[: batch_size - sum(shares)]:
        shares[index] += 1
    if min(shares) < 1:
        raise UserError(
            f"a batch of {batch_size} has no room for data.proportions "
            f"{tuple(proportions)}; make training.batch_size larger"
        )
    return shares


def build_model(config, tasks: dict[str, list[str]]) -> AudioClassifier:
    """The classifier of a config, with one head per task."""
    dtype = config.training.precision
    try:
        front_end = LogMelSpectrogram(
            **config.front_end, dtype=dtype, name="log_mel"
        )
        encoder = TimeFrequencyEncoder(
            **config.model,
            fixed_sizes=config.training.jit_compile or None,
            dtype=dtype,
            name="encoder",
        )
    except ValueError as error:
        raise UserError(f"the config does not make a model: {error}") from error
    return AudioClassifier(tasks, front_end, encoder, dtype=dtype)


def compile_model(model: AudioClassifier, config):
    """Sets loss, metrics and optimiser.

    A task's loss and accuracy are means over the examples that have a label
    for it, so that one without labels in a batch has no gradient at all.
    """
    training = config.training
    learning_rate = training.learning_rate
    if training.schedule == "cosine":
        learning_rate = keras.optimizers.schedules.CosineDecay(
            learning_rate, decay_steps=training.num_steps
        )
    elif training.schedule != "constant":
        raise UserError(
            "training.schedule must be 'constant' or 'cosine', not "
            f"{training.schedule!r}"
        )
    model.compile(
        optimizer=StrideAdam(
            learning_rate, stride_step_ratio=training.stride_step_ratio
        ),
        loss={
            task: keras.losses.SparseCategoricalCrossentropy(
                from_logits=True, reduction="mean_with_sample_weight"
            )
            for task in model.tasks
        },
        loss_weights=task_weights(training.task_weights, model.tasks),
        weighted_metrics={
            task: [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
            for task in model.tasks
        },
        jit_compile=training.jit_compile,
    )


def task_weights(text: str, tasks) -> dict[str, float]:
    """The weight of each task's loss; 1 where the text does not say.

    >>> task_weights("pitch=0.5", ["instrument", "pitch"])
    {'instrument': 1.0, 'pitch': 0.5}
    """
    weights = dict.fromkeys(tasks, 1.0)
    for entry in filter(None, text.split(",")):
        task, _, number = entry.partition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if task not in weights or not 0 <= weight < float("inf"):
            raise UserError(
                "training.task_weights must be like task=0.5,task=2 for the "
                f"tasks {', '.join(tasks)}, not {entry!r}"
            )
        weights[task] = weight
    return weights


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
        *([RefreshSizes()] if training.jit_compile else []),
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
