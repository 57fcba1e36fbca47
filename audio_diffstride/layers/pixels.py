"""The front end of images: from pixels to the input of an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.axes import Axis
from audio_diffstride.layers.types import Shape, Tensor

# Of the training images of CIFAR-10, per channel. These are usual defaults.
CIFAR_MEAN = (0.4914, 0.4822, 0.4465)
CIFAR_DEVIATION = (0.2470, 0.2435, 0.2616)


@keras.saving.register_keras_serializable(package="audio_diffstride")
class Pixels(keras.layers.Layer):
    """Scales pixels to [0, 1] and resizes images to one size.

    The computation is in float32 under every dtype policy. A grey image
    becomes a colour image with equal channels.

    Args:
        size: (height, width) of the output. Other images are resized
            bilinearly.
        mean: of each output channel, in [0, 1].
        deviation: standard deviation of each output channel.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, height, width, channels): 8-bit integers, or floats in
        [0, 1]. One channel, or as many as `mean` has.

    Output shape:
        (batch, *size, channels).

    Raises:
        ValueError: for a `size` that is not two positive numbers, or `mean`
            and `deviation` that do not match.

    Example:
    >>> images = ops.zeros((4, 8, 8, 1), "uint8")
    >>> tuple(Pixels(size=(32, 32))(images).shape)
    (4, 32, 32, 3)
    """

    def __init__(
        self,
        size: Sequence[int] = (32, 32),
        mean: Sequence[float] = CIFAR_MEAN,
        deviation: Sequence[float] = CIFAR_DEVIATION,
        **kwargs: Any,
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
        """The axes of an image, in pixels of `size`."""
        return (
            Axis("height", "cycles/pixel", 1.0),
            Axis("width", "cycles/pixel", 1.0),
        )

    def output_size(self, image_size: Any = None) -> tuple[int, ...]:
        """The output size, (height, width). It is the same for any image."""
        return self.size

    def call(self, pixels: Tensor) -> Tensor:
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
                antialias=shrinks,  # not needed otherwise, and XLA lacks it
                data_format="channels_last",
            )
        if pixels.shape[-1] != len(self.mean):
            x = ops.repeat(x, len(self.mean), axis=-1)
        return ops.cast(x, self.compute_dtype)

    def normalise(self, x: Tensor) -> Tensor:
        """Maps the mean to 0 and the standard deviation to 1."""
        mean = ops.convert_to_tensor(self.mean, x.dtype)
        return (x - mean) / ops.convert_to_tensor(self.deviation, x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *self.size, len(self.mean))

    def compute_output_spec(self, pixels: Tensor) -> keras.KerasTensor:
        shape = self.compute_output_shape(pixels.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        # Lists, because JSON has no tuples.
        return {
            **super().get_config(),
            "size": list(self.size),
            "mean": list(self.mean),
            "deviation": list(self.deviation),
        }
