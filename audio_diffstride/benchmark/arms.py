"""The audio network with every kind of downsampling, to compare their cost.

Beside the product's own arms there are

    slice     keeps the first samples of an axis, as many as "outside" does:
              a network of the same sizes with downsampling that costs nothing
    fft       DiffStride by FFTs, on both axes at the end of a block
    released  the layer of google-research/diffstride, at the same place

The last two need TensorFlow.
"""

from __future__ import annotations

import os
from typing import Any

import keras

from audio_diffstride import backends
from audio_diffstride.benchmark.replacements import (
    ConvolutionBlock,
    EndBlock,
    NoFrontEnd,
    SliceBlock,
)
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.layers import LogMelSpectrogram
from audio_diffstride.models import AudioClassifier, TimeFrequencyEncoder

OWN = (
    "strided_conv",
    "max_pool",
    "average_pool",
    "spectral",
    "inside",
    "scale-free",
    "outside",
)
# Not an arm: the convolutions of the strided network, without front end, norms
# and ReLU. They bound its speed.
CONVOLUTIONS = "convolutions"

Path = str | os.PathLike[str]


def names(released: Path | None = None) -> list[str]:
    """Every arm that this backend can build, the cheapest first.

    Args:
        released: path of a checkout of the released code, or None.

    Raises:
        UserError: if `released` is given and the backend is not TensorFlow.
    """
    if backends.name() == "tensorflow":
        return [*OWN, "slice", "fft", *(["released"] if released else [])]
    if released:
        raise UserError(
            "the released layer is for TensorFlow only; leave out --released, "
            "or set KERAS_BACKEND=tensorflow"
        )
    return [*OWN, "slice"]


def encoder(
    arm: str, released: Path | None = None, **arguments: Any
) -> TimeFrequencyEncoder:
    """The encoder of an arm.

    Args:
        arm: one of `names`, or `CONVOLUTIONS`.
        released: path of a checkout, for the arm "released".
        **arguments: for `TimeFrequencyEncoder`.
    """
    if arm in OWN:
        fields: dict[str, Any] = ARMS[arm].fields
        return TimeFrequencyEncoder(**fields, **arguments)
    if arm == "slice":
        block_class, arguments["fixed_sizes"] = SliceBlock, True
    elif arm == CONVOLUTIONS:
        block_class = ConvolutionBlock
        arguments["downsampling"] = "strided_conv"
    elif arm == "fft":
        block_class = EndBlock
    else:
        from audio_diffstride.benchmark.released import released_block

        block_class = released_block(released or "")
    encoder_class = type(
        "Encoder", (TimeFrequencyEncoder,), {"block_class": block_class}
    )
    return encoder_class(**arguments)


def count_multiply_adds(arm: str, width: float) -> int | None:
    """Multiply-adds of a forward pass of one window.

    Returns:
        The count, or None for arms that are not the product's own.
    """
    if arm not in OWN:
        return None
    built = encoder(arm, width=width)
    built.build((None, 100, 64, 1))
    return sum(row["total"] for row in built.multiply_adds((100, 64)))


def classifier(
    arm: str,
    width: float,
    released: Path | None = None,
    precision: str = "float32",
) -> AudioClassifier:
    """A classifier of ten classes with the encoder of an arm.

    Args:
        arm: one of `names`, or `CONVOLUTIONS`.
        width: factor on the channels.
        released: path of a checkout, for the arm "released".
        precision: a Keras dtype policy, "float32" or "mixed_bfloat16".
    """
    front_end = NoFrontEnd if arm == CONVOLUTIONS else LogMelSpectrogram
    return AudioClassifier(
        {"class": 10},
        front_end(dtype=precision),
        encoder(arm, released, width=width, dtype=precision),
        dtype=precision,
    )


def compiled_classifier(
    arm: str,
    width: float,
    released: Path | None = None,
    precision: str = "float32",
) -> AudioClassifier:
    """A compiled classifier, for single steps; see `classifier`."""
    model = classifier(arm, width, released, precision)
    model.compile(
        optimizer=keras.optimizers.Adam(1e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model
