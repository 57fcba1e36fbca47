"""Building and compiling the classifier of a config."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import ml_collections

from audio_diffstride import backends, models
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS, Kind
from audio_diffstride.errors import UserError
from audio_diffstride.layers import LogMelSpectrogram, Pixels, Waveform
from audio_diffstride.models.classifier import Classifier
from audio_diffstride.optimization.losses import (
    GlobalMean,
    SeveralLabelsLoss,
    SoftLabelLoss,
)
from audio_diffstride.optimization.optimizers import (
    StrideAdam,
    StrideAdamW,
    StrideSGD,
)
from audio_diffstride.optimization.warm_up import WarmUp
from audio_diffstride.training import initial_run

_RATE_FACTOR = 0.1  # of the learning rate at each boundary of "steps"


def build_model(
    config: ml_collections.ConfigDict,
    tasks: Mapping[str, Sequence[str]],
    kinds: Mapping[str, Kind] | None = None,
) -> Classifier:
    """Builds the classifier of a config, with one head per task.

    Args:
        config: the config of the run.
        tasks: {task: names of its classes}.
        kinds: {task: its kind}; None is one label for all.

    Raises:
        UserError: if the config does not make a model.
    """
    dtype = config.training.precision
    of_images = "image" in config
    classifier = models.ImageClassifier if of_images else models.AudioClassifier
    try:
        front_end = (_pixels if of_images else _sound)(config, dtype)
        encoder = _encoder(config, dtype)
    except ValueError as error:
        raise UserError(f"the config does not make a model: {error}") from error
    several = [t for t, kind in (kinds or {}).items() if kind is SEVERAL_LABELS]
    return classifier(
        tasks, front_end, encoder, several_labels=several, dtype=dtype
    )


def _pixels(config: ml_collections.ConfigDict, dtype: str) -> Pixels:
    image = config.image
    return Pixels(
        image.size, image.mean, image.deviation, dtype=dtype, name="pixels"
    )


def _sound(config: ml_collections.ConfigDict, dtype: str) -> keras.layers.Layer:
    if ARCHITECTURES[config.model.encoder].axes == 1:
        return Waveform(
            config.front_end.sample_rate_hz, dtype=dtype, name="waveform"
        )
    return LogMelSpectrogram(**config.front_end, dtype=dtype, name="log_mel")


def _encoder(
    config: ml_collections.ConfigDict, dtype: str
) -> keras.layers.Layer:
    arguments = dict(config.model)
    architecture = ARCHITECTURES[arguments.pop("encoder")]
    stem = arguments.pop("stem")
    if architecture.has_stem:
        arguments["stem"] = stem
    position = arguments.pop("downsampling_position")
    if architecture.has_positions:
        arguments["downsampling_position"] = position
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


def compile_model(model: Classifier, config: ml_collections.ConfigDict) -> None:
    """Sets loss, metrics, optimizer and weight decay.

    A task's loss and accuracy are means over the examples with a label for
    it. A task without labels in a batch has no gradient there. The accuracy
    of mixed windows is that of the class with the larger share. A task with
    several labels has a mean loss over its known labels, and no accuracy.
    """
    training = config.training
    accuracy = keras.metrics.SparseCategoricalAccuracy
    if has_soft_labels(config):
        accuracy = keras.metrics.CategoricalAccuracy
    model.compile(
        optimizer=_optimizer(training, initial_run.step_ratios(model, config)),
        loss={task: _loss(config, kind) for task, kind in model.kinds.items()},
        loss_weights=task_weights(training.task_weights, model.tasks),
        weighted_metrics={
            task: [accuracy(name="accuracy")]
            for task, kind in model.kinds.items()
            if kind is ONE_LABEL
        }
        or None,
        jit_compile=backends.steps_are_compiled(training.jit_compile),
    )
    if training.optimizer != "adamw":  # which decays them itself
        decay_kernels(model, training.weight_decay)


def has_soft_labels(config: ml_collections.ConfigDict) -> bool:
    """Whether labels are shares of classes, and not class indices."""
    return "augmentation" in config and config.augmentation.mixup > 0


def _loss(config: ml_collections.ConfigDict, kind: Kind) -> keras.losses.Loss:
    training = config.training
    smoothing = training.label_smoothing
    is_focal = training.loss == "focal"
    focal_gamma = training.focal_gamma if is_focal else 0.0
    if kind is SEVERAL_LABELS:
        return SeveralLabelsLoss(smoothing, focal_gamma)
    if is_focal or smoothing or has_soft_labels(config):
        return SoftLabelLoss(smoothing, focal_gamma)
    return GlobalMean()


def decay_kernels(model: Any, weight_decay: float) -> None:
    """Adds weight decay to the kernels of convolutions and heads.

    The loss gets `weight_decay` times the sum of the squared weights, so the
    gradient is 2 * `weight_decay` * weight, as in the paper's released code.
    Strides have no decay, because a stride pulled to zero would keep
    everything. Norms and biases have no scale to lose.
    """
    for variable in model.trainable_variables:
        if weight_decay and variable.name == "kernel":
            variable.regularizer = keras.regularizers.L2(weight_decay)


def _optimizer(
    training: ml_collections.ConfigDict, layer_step_ratios: dict[str, float]
) -> keras.optimizers.Optimizer:
    arguments = {
        "layer_step_ratios": layer_step_ratios,
        "learning_rate": _learning_rate(training),
        "stride_step_ratio": training.stride_step_ratio,
        "folding_step_ratio": training.folding_step_ratio,
        "global_clipnorm": training.clip_norm or None,
    }
    if training.ema_momentum:
        arguments |= {"use_ema": True, "ema_momentum": training.ema_momentum}
    if training.optimizer == "sgd":
        return StrideSGD(**arguments, momentum=training.momentum)
    if training.optimizer == "adamw":
        return StrideAdamW(**arguments, weight_decay=training.weight_decay)
    return StrideAdam(**arguments)


def _learning_rate(training: ml_collections.ConfigDict) -> Any:
    """A number, or a schedule over the steps of the run."""
    warmup_steps = training.warmup_steps
    if not warmup_steps:
        return _rate_of_schedule(training, training.num_steps)
    # The shares of "steps" are of the whole run. cosine falls after the rise.
    delay_steps = warmup_steps if training.schedule == "cosine" else 0
    rate = _rate_of_schedule(training, training.num_steps - delay_steps)
    return WarmUp(rate, warmup_steps, delay_steps)


def _rate_of_schedule(
    training: ml_collections.ConfigDict, num_steps: int
) -> Any:
    """The learning rate of so many steps, without a rise at their start."""
    rate = training.learning_rate
    if training.schedule == "constant":
        return rate
    if training.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(
            rate, decay_steps=num_steps
        )
    if training.schedule == "steps":
        shares = training.schedule_boundaries
        return keras.optimizers.schedules.PiecewiseConstantDecay(
            # The last step before each drop of the rate.
            [round(share * num_steps) - 1 for share in shares],
            [rate * _RATE_FACTOR**drops for drops in range(len(shares) + 1)],
        )
    raise UserError(
        "training.schedule must be 'constant', 'cosine' or 'steps', not "
        f"{training.schedule!r}"
    )


def task_weights(text: str, tasks: Iterable[str]) -> dict[str, float]:
    """Parses the weights of the tasks' losses; the default is 1.

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
