"""From a config to a classifier that can be trained."""

from __future__ import annotations

import keras

from audio_diffstride import backends, models
from audio_diffstride.architectures import ARCHITECTURES
from audio_diffstride.errors import UserError
from audio_diffstride.layers import LogMelSpectrogram, Waveform
from audio_diffstride.models import AudioClassifier
from audio_diffstride.optimizer import StrideAdam


def build_model(config, tasks: dict[str, list[str]]) -> AudioClassifier:
    """The classifier of a config, with one head per task."""
    dtype = config.training.precision
    try:
        front_end = _front_end(config, dtype)
        encoder = _encoder(config, dtype)
    except ValueError as error:
        raise UserError(f"the config does not make a model: {error}") from error
    return AudioClassifier(tasks, front_end, encoder, dtype=dtype)


def _front_end(config, dtype: str) -> keras.layers.Layer:
    if ARCHITECTURES[config.model.encoder].axes == 1:
        return Waveform(
            config.front_end.sample_rate_hz, dtype=dtype, name="waveform"
        )
    return LogMelSpectrogram(**config.front_end, dtype=dtype, name="log_mel")


def _encoder(config, dtype: str) -> keras.layers.Layer:
    arguments = dict(config.model)
    architecture = ARCHITECTURES[arguments.pop("encoder")]
    stem = arguments.pop("stem")
    if architecture.has_stem:
        arguments["stem"] = stem
    channels = arguments.pop("channels") or architecture.channels
    if channels:
        arguments["channels"] = channels
    arguments["strides"] = arguments["strides"] or architecture.strides
    return getattr(models, architecture.encoder)(
        **arguments,
        **architecture.arguments,
        fixed_sizes=config.training.jit_compile,
        dtype=dtype,
        name="encoder",
    )


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
        jit_compile=backends.steps_are_compiled(training.jit_compile),
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
