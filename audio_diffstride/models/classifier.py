"""Classifiers: from a waveform or an image to the logits of each task."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import keras

from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS, Kind
from audio_diffstride.layers import LogMelSpectrogram, Pixels
from audio_diffstride.layers.masking import mask_stripes
from audio_diffstride.layers.types import Shape, Tensor
from audio_diffstride.models import schema
from audio_diffstride.models.audio.time_frequency import TimeFrequencyEncoder
from audio_diffstride.models.image.resnet import ResNet

_POOLINGS = {
    ("max", 1): keras.layers.GlobalMaxPooling1D,
    ("max", 2): keras.layers.GlobalMaxPooling2D,
    ("average", 1): keras.layers.GlobalAveragePooling1D,
    ("average", 2): keras.layers.GlobalAveragePooling2D,
}


class Classifier(keras.Model):
    """Front end, encoder, global pooling and one linear layer per task.

    Base of the classifiers for sound and for images. They differ only in
    their default front end and encoder. A front end computes features
    (`call`) and scales them for the encoder (`normalise`). It also describes
    their axes (`axes`) and their size (`output_size`).

    Args:
        tasks: {task name: class names, or the number of classes}.
        front_end: a layer from examples to features.
        encoder: an `Encoder`, applied to the features.
        several_labels: the tasks of which an example may have several classes,
            or none. Each class is decided alone, by a sigmoid.
        **kwargs: for `keras.Model`.

    Attributes:
        tasks: {task name: number of classes}.
        class_names: {task name: class names}.
        kinds: {task name: its kind}; see `datasets.kinds`.

    Output shape:
        {task name: (batch, classes)}: logits.

    Raises:
        ValueError: without tasks; for a task with fewer than two classes, or
            none where there may be several labels; or for several labels of a
            task that is not there.
    """

    RANK = 0  # of a batch of examples

    def __init__(
        self,
        tasks: Mapping[str, int | Sequence[Any]],
        front_end: Any,
        encoder: Any,
        several_labels: Collection[str] = (),
        **kwargs: Any,
    ):
        # The front end casts. Half precision is too coarse for the input.
        super().__init__(autocast=False, **kwargs)
        self.class_names = {
            task: [str(c) for c in (range(n) if isinstance(n, int) else n)]
            for task, n in tasks.items()
        }
        self.tasks = {task: len(n) for task, n in self.class_names.items()}
        self.kinds: dict[str, Kind] = {
            task: SEVERAL_LABELS if task in several_labels else ONE_LABEL
            for task in self.tasks
        }
        if not tasks or any(
            classes < self.kinds[task].least_classes
            for task, classes in self.tasks.items()
        ):
            raise ValueError(
                "`tasks` must name at least one task, each with at least two "
                f"classes. Received: tasks={dict(tasks)}"
            )
        if not {*several_labels} <= {*tasks}:
            raise ValueError(
                "`several_labels` must be among the tasks. Received: "
                f"several_labels={(*several_labels,)}, tasks={dict(tasks)}"
            )
        self.front_end = front_end
        self.encoder = encoder
        kind = (self.encoder.pooling, len(self.front_end.axes))
        self.pooling = _POOLINGS[kind](
            data_format="channels_last", name="pooling"
        )
        # Logits are float32 under every policy.
        self.heads = [
            keras.layers.Dense(classes, dtype="float32", name=f"{task}_head")
            for task, classes in self.tasks.items()
        ]
        # No weight depends on the size of an example.
        self.build((None,) * self.RANK)

    def build(self, input_shape: Shape) -> None:
        shape = input_shape
        for part in (self.front_end, self.encoder):
            if not part.built:  # a loaded part is already built
                part.build(shape)
            shape = part.compute_output_shape(shape)
        for head in self.heads:
            head.build((shape[0], shape[-1]))

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Does nothing, because the constructor has built the model."""

    def call(
        self,
        examples: Tensor | dict[str, Tensor],
        training: bool | None = None,
    ) -> dict[str, Tensor]:
        x = self.embed(examples, training)
        return {task: head(x) for task, head in zip(self.tasks, self.heads)}

    def embed(
        self,
        examples: Tensor | dict[str, Tensor],
        training: bool | None = None,
    ) -> Tensor:
        """What the heads see of each example: (batch, channels).

        Args:
            examples: of the input shape. A step of training may give
                {"examples": these, "time_masks": ..., "frequency_masks": ...},
                with the stripes to hide; see `mask_stripes`.
            training: whether it is a step of training.
        """
        if isinstance(examples, dict):
            x = mask_stripes(
                self.front_end(examples["examples"]),
                examples["time_masks"],
                examples["frequency_masks"],
            )
        else:
            x = self.front_end(examples)
        x = self.encoder(self.front_end.normalise(x), training=training)
        return self.pooling(x)

    def get_config(self) -> dict[str, Any]:
        serialize = keras.saving.serialize_keras_object
        several = [t for t, k in self.kinds.items() if k is SEVERAL_LABELS]
        return {
            **super().get_config(),
            **schema.describe(several),
            "tasks": self.class_names,
            "front_end": serialize(self.front_end),
            "encoder": serialize(self.encoder),
        }

    def get_compile_config(self) -> dict[str, Any] | None:
        """Leaves the choice of XLA to the backend that loads the model."""
        config = super().get_compile_config()
        return config and {**config, "jit_compile": "auto"}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Classifier:
        config = schema.migrate(config)
        for part in ("front_end", "encoder"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class AudioClassifier(Classifier):
    """A classifier of sound; see `Classifier`.

    Args:
        tasks: {task name: class names, or the number of classes}.
        front_end: a layer from (batch, samples) to (batch, frames, bands, 1).
            None is `LogMelSpectrogram()`. For encoders along time alone,
            `Waveform` computes (batch, samples, 1).
        encoder: an `Encoder` from these features to (batch, frames', bands',
            channels). None is `TimeFrequencyEncoder()`.
        **kwargs: `several_labels`, and those of `keras.Model`.

    Input shape:
        (batch, samples): floats in [-1, 1] or 16-bit integers, at the sample
        rate of the front end.

    Example:
    >>> model = AudioClassifier({"digit": 10, "speaker": 6})
    >>> logits = model(keras.ops.zeros((2, 16000)))
    >>> {task: tuple(values.shape) for task, values in logits.items()}
    {'digit': (2, 10), 'speaker': (2, 6)}
    """

    RANK = 2

    def __init__(
        self,
        tasks: Mapping[str, int | Sequence[Any]],
        front_end: Any = None,
        encoder: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            tasks,
            front_end or LogMelSpectrogram(name="log_mel"),
            encoder or TimeFrequencyEncoder(name="encoder"),
            **kwargs,
        )


@keras.saving.register_keras_serializable(package="audio_diffstride")
class ImageClassifier(Classifier):
    """A classifier of images; see `Classifier`.

    Args:
        tasks: {task name: class names, or the number of classes}.
        front_end: a layer from images to (batch, height, width, channels) of
            one size. None is `Pixels()`.
        encoder: an `Encoder` from these features to (batch, height', width',
            channels'). None is `ResNet()`.
        **kwargs: `several_labels`, and those of `keras.Model`.

    Input shape:
        (batch, height, width, channels): 8-bit integers, or floats in [0, 1].

    Example:
    >>> model = ImageClassifier({"object": 10}, encoder=ResNet(width=0.1))
    >>> tuple(model(keras.ops.zeros((2, 32, 32, 3), "uint8"))["object"].shape)
    (2, 10)
    """

    RANK = 4

    def __init__(
        self,
        tasks: Mapping[str, int | Sequence[Any]],
        front_end: Any = None,
        encoder: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            tasks,
            front_end or Pixels(name="pixels"),
            encoder or ResNet(name="encoder"),
            **kwargs,
        )
