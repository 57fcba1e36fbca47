"""The front end of images: from 8-bit pixels to what an encoder is given."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.layers.axes import Axis

# Of CIFAR-10's training images, as is habitual.
CIFAR_MEAN = (0.4914, 0.4822, 0.4465)
CIFAR_DEVIATION = (0.2470, 0.2435, 0.2616)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class Pixels(keras.layers.Layer):
    """Pixels as numbers in [0, 1], all images in one size.

    Computed in float32 whatever the policy. Grey images are taken as colour
    images whose channels are equal.

    Args:
        size: (height, width) that images of another size are resized to,
            bilinearly.
        mean: of each channel, in [0, 1]; as many as channels come out.
        deviation: of each channel.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels): 8-bit integers, or floating in
        [0, 1]; one channel, or as many as `mean` has.

    Output shape:
        (batch, *size, channels).

    Raises:
        ValueError: for sizes, means or deviations that are none.

    Example:
    >>> images = ops.zeros((4, 8, 8, 1), "uint8")
    >>> tuple(Pixels(size=(32, 32))(images).shape)
    (4, 32, 32, 3)
    """

    def __init__(
        self,
        size=(32, 32),
        mean=CIFAR_MEAN,
        deviation=CIFAR_DEVIATION,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        if len(size) != 2 or min(size) < 1:
            raise ValueError(
                "`size` must be (height, width), each >= 1. "
                f"Received: size={size!r}"
            )
        if len(mean) != len(deviation) or not min(deviation, default=0) > 0:
            raise ValueError(
                "`mean` and `deviation` must have a number per channel, "
                "deviations > 0. "
                f"Received: mean={mean!r}, deviation={deviation!r}"
            )
        self.size = tuple(size)
        self.mean = tuple(mean)
        self.deviation = tuple(deviation)

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """What the axes of an image are, in pixels of `size`."""
        return (
            Axis("height", "cycles/pixel", 1.0),
            Axis("width", "cycles/pixel", 1.0),
        )

    def output_size(self, shown=None) -> tuple[int, int]:
        """(height, width) of any image."""
        return self.size

    def call(self, pixels):
        dtype = keras.backend.standardize_dtype(pixels.dtype)
        scale = 1 / 255 if "int" in dtype else 1.0
        x = ops.cast(pixels, "float32") * scale
        before = tuple(pixels.shape[1:3])
        if before != self.size:
            shrinks = any(n and n > m for n, m in zip(before, self.size))
            x = ops.image.resize(
                x,
                self.size,
                "bilinear",
                antialias=shrinks,  # else for nothing, and unknown to XLA
                data_format="channels_last",
            )
        if pixels.shape[-1] != len(self.mean):
            x = ops.repeat(x, len(self.mean), axis=-1)
        return ops.cast(x, self.compute_dtype)

    def normalise(self, x):
        """The mean to 0, a deviation to 1: what an encoder is given."""
        mean = ops.convert_to_tensor(self.mean, x.dtype)
        return (x - mean) / ops.convert_to_tensor(self.deviation, x.dtype)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.size, len(self.mean))

    def compute_output_spec(self, pixels):
        shape = self.compute_output_shape(pixels.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self):
        # Lists, which a saved model's config has as they are.
        return {
            **super().get_config(),
            "size": list(self.size),
            "mean": list(self.mean),
            "deviation": list(self.deviation),
        }
