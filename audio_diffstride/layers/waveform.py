"""The front end of networks whose input is the waveform itself."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from audio_diffstride.layers.axes import Axis
from audio_diffstride.layers.log_mel import PCM16_STEP
from audio_diffstride.layers.types import Shape, Tensor


@keras.saving.register_keras_serializable(package="audio_diffstride")
class Waveform(keras.layers.Layer):
    """Samples as features of one channel, in [-1, 1].

    Args:
        sample_rate_hz: sample rate of the waveform.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, samples): floats in [-1, 1], or 16-bit integers, which are
        scaled to [-1, 1].

    Output shape:
        (batch, samples, 1).

    Example:
    >>> tuple(Waveform()(ops.zeros((2, 16000))).shape)
    (2, 16000, 1)
    """

    def __init__(self, sample_rate_hz: int = 16000, **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.sample_rate_hz = sample_rate_hz

    @property
    def axes(self) -> tuple[Axis]:
        """The axis of a waveform: time."""
        return (Axis("time", "Hz", float(self.sample_rate_hz)),)

    @property
    def band_hz(self) -> tuple[float, float]:
        """The range of frequencies in the features."""
        return (0.0, self.sample_rate_hz / 2)

    def output_size(self, num_samples: int) -> tuple[int]:
        """The size of the features of a waveform: (samples,)."""
        return (num_samples,)

    def call(self, waveform: Tensor) -> Tensor:
        dtype = keras.backend.standardize_dtype(waveform.dtype)
        scale = PCM16_STEP if "int" in dtype else 1.0
        waveform = ops.cast(waveform, "float32") * scale
        return ops.cast(waveform[..., None], self.compute_dtype)

    def normalise(self, features: Tensor) -> Tensor:
        """Returns the features unchanged: silence is 0 already."""
        return features

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, 1)

    def compute_output_spec(self, waveform: Tensor) -> keras.KerasTensor:
        shape = self.compute_output_shape(waveform.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sample_rate_hz": self.sample_rate_hz}
