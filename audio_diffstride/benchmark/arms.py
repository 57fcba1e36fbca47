"""The audio network with every kind of downsampling, to compare their cost.

Beside the product's own arms, `audio_diffstride.arms`:

    slice     keeps the first samples of an axis, as many as "outside" would:
              a network of the same sizes whose downsampling costs nothing
    fft       DiffStride written with FFTs, on both axes at a block's end
    released  the layer of google-research/diffstride, at the same place

The last two are for TensorFlow only. The front end is the product's, with a
filter bank of the same shape that needs no librosa: a product's cost does not
depend on its values.
"""

from __future__ import annotations

import importlib.util
import pathlib
import sys
import types
import unittest.mock

import keras
import numpy as np
from keras import ops

from audio_diffstride import backends
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError
from audio_diffstride.layers import LogMelSpectrogram
from audio_diffstride.models import AudioClassifier, TimeFrequencyEncoder
from audio_diffstride.models.audio.time_frequency_block import (
    TimeFrequencyBlock,
)

OWN = (
    "strided_conv",
    "max_pool",
    "average_pool",
    "spectral",
    "inside",
    "scale-free",
    "outside",
)


class FlatBank(LogMelSpectrogram):
    """The front end, every band of which is the mean of all frequencies."""

    def build(self, input_shape):
        bins = self.fft_samples // 2 + 1
        shape = (bins, self.num_bands)
        self.mel_weights = np.full(shape, 1 / bins, "float32")


class NoFrontEnd(LogMelSpectrogram):
    """The first samples as they are, in the shape of a spectrogram."""

    def build(self, input_shape):
        pass

    def call(self, waveform):
        frames = self.num_frames(waveform.shape[1])
        x = waveform[:, : frames * self.num_bands]
        x = ops.reshape(x, (-1, frames, self.num_bands, 1))
        return ops.cast(x, self.compute_dtype) / 32768


class ConvolutionBlock(TimeFrequencyBlock):
    """The convolutions of a block and nothing else."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for norm in self.norms:
            norm.trainable = False

    def call(self, x, training=None, size=None):
        for convolution in self.convolutions:
            x = convolution(x)
        return x


class SliceBlock(TimeFrequencyBlock):
    """A block of the sizes of DiffStride that simply cuts its axes there."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.resampling.trainable = False

    def _convolve_and_downsample(self, x, axis, resample_first):
        x = self.convolutions[axis](x)
        size = self.resampling.output_size(x.shape[1:3])[axis]
        return x[:, :size] if axis == 0 else x[:, :, :size]


class EndBlock(TimeFrequencyBlock):
    """A block that downsamples both axes together, at its end."""

    def _downsample(self, x):
        from audio_diffstride.benchmark.fft_layer import fft_diffstride

        return fft_diffstride(self.resampling, x)

    def call(self, x, training=None, size=None):
        x = ops.relu(self.convolutions[0](x))
        x = self.norms[0](x, training=training)
        x = ops.relu(self._downsample(self.convolutions[1](x)))
        return self.norms[1](x, training=training)


def released_block(path) -> type[EndBlock]:
    """An `EndBlock` with the released layer, from a checkout at `path`."""
    pooling = released_pooling(path)

    class ReleasedBlock(EndBlock):
        def build(self, input_shape):
            super().build(input_shape)
            self.released = pooling.DiffStride(
                self.initial_strides, data_format="channels_last"
            )
            self.released.build((*input_shape[:3], self.channels))
            self.resampling.trainable = False

        def _downsample(self, x):
            return self.released(x)

    return ReleasedBlock


def released_pooling(path):
    """The module diffstride.pooling of a checkout."""
    source = pathlib.Path(path) / "diffstride" / "pooling.py"
    if not source.is_file():
        raise UserError(
            f"{path} is not a checkout of google-research/diffstride: it has "
            "no diffstride/pooling.py"
        )
    # Its classes are decorated for gin, whose wrapping Keras 3 cannot build.
    undecorated = types.ModuleType("gin")
    undecorated.configurable = lambda decorated: decorated
    with unittest.mock.patch.dict(sys.modules, {"gin": undecorated}):
        spec = importlib.util.spec_from_file_location("pooling", source)
        pooling = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(pooling)
    return pooling


def names(released=None) -> list[str]:
    """Every arm that can be built on this backend, the cheapest first.

    Raises:
        UserError: if the released layer is wanted of another than TensorFlow.
    """
    if backends.name() == "tensorflow":
        return [*OWN, "slice", "fft", *(["released"] if released else [])]
    if released:
        raise UserError(
            "the released layer is for TensorFlow only; leave out --released, "
            "or set KERAS_BACKEND=tensorflow"
        )
    return [*OWN, "slice"]


def encoder(arm: str, released=None, **arguments) -> TimeFrequencyEncoder:
    """The encoder of an arm.

    Args:
        arm: one of `names`, or "convolutions".
        released: path of a checkout, for that arm.
        **arguments: for `TimeFrequencyEncoder`.
    """
    if arm in OWN:
        return TimeFrequencyEncoder(**ARMS[arm].fields, **arguments)
    if arm == "slice":
        block_class, arguments["fixed_sizes"] = SliceBlock, True
    elif arm == "convolutions":
        block_class, arguments["downsampling"] = (
            ConvolutionBlock,
            "strided_conv",
        )
    elif arm == "fft":
        block_class = EndBlock
    else:
        block_class = released_block(released)
    made = type(
        "Encoder", (TimeFrequencyEncoder,), {"block_class": block_class}
    )
    return made(**arguments)


def count_multiply_adds(arm: str, width: float) -> int | None:
    """Of a forward pass of one window; only the product's own are counted."""
    if arm not in OWN:
        return None
    made = encoder(arm, width=width)
    made.build((None, 100, 64, 1))
    rows = made.multiply_adds((100, 64))
    return sum(row["total"] for row in rows)


def classifier(
    arm: str, width: float, released=None, precision: str = "float32"
) -> AudioClassifier:
    """A classifier of ten classes with the encoder of an arm.

    Args:
        arm: one of `names`; or "convolutions", the strided network's without
            a front end, norms and ReLU.
        width: factor on the channels.
        released: path of a checkout, for that arm.
        precision: a Keras dtype policy, "float32" or "mixed_bfloat16".
    """
    front_end = NoFrontEnd if arm == "convolutions" else FlatBank
    return AudioClassifier(
        {"class": 10},
        front_end(dtype=precision),
        encoder(arm, released, width=width, dtype=precision),
        dtype=precision,
    )


def model(arm: str, width: float, released=None) -> AudioClassifier:
    """A compiled classifier, for single steps."""
    made = classifier(arm, width, released)
    made.compile(
        optimizer=keras.optimizers.Adam(1e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return made
