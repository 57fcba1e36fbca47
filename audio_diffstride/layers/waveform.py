"""The front end of networks that hear the waveform itself."""

from __future__ import annotations

import keras
from keras import ops

from audio_diffstride.layers.axes import Axis
from audio_diffstride.layers.log_mel import PCM16_STEP


@keras.saving.register_keras_serializable(package="audio_diffstride")
class Waveform(keras.layers.Layer):
    """Samples as features of one channel, in [-1, 1].

    Args:
        sample_rate_hz: sample rate of the waveform.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, samples): floating in [-1, 1], or 16-bit integers, which are
        scaled to it.

    Output shape:
        (batch, samples, 1).

    Example:
    >>> tuple(Waveform()(ops.zeros((2, 16000))).shape)
    (2, 16000, 1)
    """

    def __init__(self, sample_rate_hz: int = 16000, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.sample_rate_hz = sample_rate_hz

    @property
    def axes(self) -> tuple[Axis]:
        """What the axis of a waveform is."""
        return (Axis("time", "Hz", float(self.sample_rate_hz)),)

    @property
    def band_hz(self) -> tuple[float, float]:
        """The frequencies that it hears."""
        return (0.0, self.sample_rate_hz / 2)

    def output_size(self, num_samples: int) -> tuple[int]:
        """(samples,)."""
        return (num_samples,)

    def call(self, waveform):
        dtype = keras.backend.standardize_dtype(waveform.dtype)
        scale = PCM16_STEP if "int" in dtype else 1.0
        waveform = ops.cast(waveform, "float32") * scale
        return ops.cast(waveform[..., None], self.compute_dtype)

    def normalise(self, features):
        """As they are: silence is 0 already."""
        return features

    def compute_output_shape(self, input_shape):
        return (*input_shape, 1)

    def compute_output_spec(self, waveform):
        shape = self.compute_output_shape(waveform.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "sample_rate_hz": self.sample_rate_hz}
