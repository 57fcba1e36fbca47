"""From a waveform or an image to the logits of one task or several."""

from __future__ import annotations

import keras

from audio_diffstride.layers import LogMelSpectrogram, Pixels
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
    """Front end, encoder, global pooling, one linear layer per task.

    Base of the classifiers of sound and of images, which differ in what they
    are made of if nothing is said. From what comes in, a front end makes
    features (`call`) as an encoder is to have them (`normalise`), and says
    what their axes are (`axes`) and how large they get (`output_size`).

    Args:
        tasks: {task name: class names, or their number}.
        front_end: a layer from examples to features.
        encoder: an `Encoder` of these, which says how it is pooled.
        **kwargs: for `keras.Model`.

    Attributes:
        tasks: {task name: number of classes}.
        class_names: {task name: class names}.

    Output shape:
        {task name: (batch, classes)}: logits.

    Raises:
        ValueError: for no task, or a task of fewer than two classes.
    """

    RANK = 0  # of a batch of examples

    def __init__(self, tasks, front_end, encoder, **kwargs):
        # The front end casts: half precision would coarsen what comes in.
        super().__init__(autocast=False, **kwargs)
        self.class_names = {
            task: [str(c) for c in (range(n) if isinstance(n, int) else n)]
            for task, n in tasks.items()
        }
        self.tasks = {task: len(n) for task, n in self.class_names.items()}
        if not tasks or min(self.tasks.values()) < 2:
            raise ValueError(
                "`tasks` must name at least one task, each with at least two "
                f"classes. Received: tasks={dict(tasks)}"
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

    def build(self, input_shape):
        shape = input_shape
        for part in (self.front_end, self.encoder):
            if not part.built:  # a loaded part comes built
                part.build(shape)
            shape = part.compute_output_shape(shape)
        for head in self.heads:
            head.build((shape[0], shape[-1]))

    def build_from_config(self, config):
        """Nothing is left to build when a saved model is loaded."""

    def call(self, examples, training=None):
        x = self.front_end.normalise(self.front_end(examples))
        x = self.encoder(x, training=training)
        x = self.pooling(x)
        return {task: head(x) for task, head in zip(self.tasks, self.heads)}

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "schema": schema.SCHEMA,
            "tasks": self.class_names,
            "front_end": serialize(self.front_end),
            "encoder": serialize(self.encoder),
        }

    def get_compile_config(self):
        """How its steps are compiled is up to the backend that loads it."""
        config = super().get_compile_config()
        return config and {**config, "jit_compile": "auto"}

    @classmethod
    def from_config(cls, config):
        config = schema.migrate(config)
        for part in ("front_end", "encoder"):
            config[part] = keras.saving.deserialize_keras_object(config[part])
        return cls(**config)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class AudioClassifier(Classifier):
    """A classifier of sound; see `Classifier`.

    Args:
        tasks: {task name: class names, or their number}.
        front_end: a layer from (batch, samples) to (batch, frames, bands, 1);
            `LogMelSpectrogram()` is None's; or `Waveform`, which leaves
            (batch, samples, 1), for encoders along time alone.
        encoder: an `Encoder` from there to (batch, frames', bands',
            channels); None is `TimeFrequencyEncoder()`.
        **kwargs: for `keras.Model`.

    Input shape:
        (batch, samples): floating in [-1, 1] or 16-bit integers, at the front
        end's sample rate.

    Example:
    >>> model = AudioClassifier({"digit": 10, "speaker": 6})
    >>> logits = model(keras.ops.zeros((2, 16000)))
    >>> {task: tuple(values.shape) for task, values in logits.items()}
    {'digit': (2, 10), 'speaker': (2, 6)}
    """

    RANK = 2

    def __init__(self, tasks, front_end=None, encoder=None, **kwargs):
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
        tasks: {task name: class names, or their number}.
        front_end: a layer from (batch, height, width, channels) to the same
            in one size; None is `Pixels()`.
        encoder: an `Encoder` from there to (batch, height', width',
            channels'); None is `ResNet()`.
        **kwargs: for `keras.Model`.

    Input shape:
        (batch, height, width, channels): 8-bit integers, or floating in
        [0, 1].

    Example:
    >>> model = ImageClassifier({"object": 10}, encoder=ResNet(width=0.1))
    >>> tuple(model(keras.ops.zeros((2, 32, 32, 3), "uint8"))["object"].shape)
    (2, 10)
    """

    RANK = 4

    def __init__(self, tasks, front_end=None, encoder=None, **kwargs):
        super().__init__(
            tasks,
            front_end or Pixels(name="pixels"),
            encoder or ResNet(name="encoder"),
            **kwargs,
        )
