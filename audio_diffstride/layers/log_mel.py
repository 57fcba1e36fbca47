"""The front end: from a waveform to a log-mel spectrogram."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from audio_diffstride.audio import mel_bands
from audio_diffstride.layers.axes import Axis
from audio_diffstride.layers.types import Shape, Tensor

# One step of 16-bit PCM in a waveform scaled to [-1, 1).
PCM16_STEP = 1 / 32768


@keras.saving.register_keras_serializable(package="audio_diffstride")
class LogMelSpectrogram(keras.layers.Layer):
    """Front end that computes log(mel power + offset) of a waveform.

    Frame t is centred on the t-th hop. A waveform of n samples has
    ceil(n / hop) frames: 100 for a second with the defaults. The ends are
    padded with zeros. The window is Hann. The mel bands are those of librosa
    (Slaney scale and normalisation). A frame depends on no other frame, and a
    clip on no other clip of the batch.

    The computation is in float32 under every dtype policy. It uses
    `keras.ops.stft` and a product with the bands. This was the fastest of
    seven forms measured on CPU, and agrees with librosa to 4e-5. In the
    MelSpectrogram layer of Keras the floor follows the maximum of the whole
    batch, so the features of a clip depend on the other clips.

    Args:
        sample_rate_hz: sample rate of the waveform.
        num_bands: number of mel bands.
        window_ms: length of the analysis window.
        hop_ms: time from one frame to the next.
        min_hz: lower edge of the lowest band.
        max_hz: upper edge of the highest band.
        log_offset: added to the mel power before the logarithm. A full-scale
            sine has a mel power of about 100, and the noise of 16-bit samples
            1e-8. So 1e-6 leaves a range of about 80 dB.
        **kwargs: for `keras.layers.Layer`.

    Input shape:
        (batch, samples): floats in [-1, 1], or 16-bit integers, which are
        scaled to [-1, 1].

    Output shape:
        (batch, frames, bands, 1).

    Raises:
        ValueError: for an argument out of its range.

    Example:
    >>> tuple(LogMelSpectrogram()(ops.zeros((2, 16000))).shape)
    (2, 100, 64, 1)
    """

    def __init__(
        self,
        sample_rate_hz: int = 16000,
        num_bands: int = 64,
        window_ms: float = 25.0,
        hop_ms: float = 10.0,
        min_hz: float = 60.0,
        max_hz: float = 7800.0,
        log_offset: float = 1e-6,
        **kwargs: Any,
    ):
        super().__init__(autocast=False, **kwargs)
        for name, value in (
            ("sample_rate_hz", sample_rate_hz),
            ("num_bands", num_bands),
            ("window_ms", window_ms),
            ("hop_ms", hop_ms),
            ("log_offset", log_offset),
        ):
            if not value > 0:
                raise ValueError(
                    f"`{name}` must be > 0. Received: {name}={value!r}"
                )
        if not 0 <= min_hz < max_hz <= sample_rate_hz / 2:
            raise ValueError(
                "`min_hz` and `max_hz` must satisfy 0 <= min_hz < max_hz <= "
                f"sample_rate_hz / 2. Received: min_hz={min_hz!r}, "
                f"max_hz={max_hz!r}, sample_rate_hz={sample_rate_hz!r}"
            )
        self.sample_rate_hz = sample_rate_hz
        self.num_bands = num_bands
        self.window_ms = window_ms
        self.hop_ms = hop_ms
        self.min_hz = min_hz
        self.max_hz = max_hz
        self.log_offset = log_offset
        self.window_samples = round(sample_rate_hz * window_ms / 1000)
        self.hop_samples = round(sample_rate_hz * hop_ms / 1000)
        if not 1 <= self.hop_samples <= self.window_samples:
            raise ValueError(
                "`hop_ms` must be at least one sample and at most `window_ms`. "
                f"Received: hop_ms={hop_ms!r}, window_ms={window_ms!r}"
            )
        # The next power of two, for example 512 for 25 ms at 16 kHz.
        self.fft_samples = 2 ** (self.window_samples - 1).bit_length()

    @property
    def frame_rate_hz(self) -> float:
        """Frames per second."""
        return self.sample_rate_hz / self.hop_samples

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The axes of a spectrogram."""
        return (
            Axis("time", "Hz", self.frame_rate_hz),
            Axis("frequency", "cycles/band", 1.0),
        )

    @property
    def band_hz(self) -> tuple[float, float]:
        """The range of frequencies in the features."""
        return (self.min_hz, self.max_hz)

    @property
    def band_centres_hz(self) -> np.ndarray:
        """The centre frequency of every band."""
        return mel_bands.edges_hz(self.num_bands, self.min_hz, self.max_hz)[
            1:-1
        ]

    def output_size(self, num_samples: int) -> tuple[int, int]:
        """The size of the features of a waveform: (frames, bands)."""
        return (self.num_frames(num_samples), self.num_bands)

    def build(self, input_shape: Shape) -> None:
        self.mel_weights = mel_bands.weights(
            self.sample_rate_hz,
            self.fft_samples,
            self.num_bands,
            self.min_hz,
            self.max_hz,
        )  # (fft bins, bands)
        empty = mel_bands.num_empty(self.mel_weights)
        if empty:
            raise ValueError(
                f"`num_bands` must leave every band at least one frequency of "
                f"the {self.fft_samples}-point transform; {empty} are empty. "
                f"Received: num_bands={self.num_bands}"
            )

    def call(self, waveform: Tensor) -> Tensor:
        dtype = keras.backend.standardize_dtype(waveform.dtype)
        scale = PCM16_STEP if "int" in dtype else 1.0
        waveform = ops.cast(waveform, "float32") * scale
        real, imaginary = ops.stft(
            self._pad(waveform),
            sequence_length=self.window_samples,
            sequence_stride=self.hop_samples,
            fft_length=self.fft_samples,
            center=False,
        )
        power = ops.square(real) + ops.square(imaginary)
        mel = ops.matmul(power, self.mel_weights)
        log_mel = ops.log(mel + self.log_offset)
        return ops.cast(log_mel[..., None], self.compute_dtype)

    def normalise(self, log_mel: Tensor) -> Tensor:
        """Maps silence to 0 and a mel power of 1 to 1, for the encoder.

        The convolutions of the encoder pad with zeros. A zero must be
        silence, and not a sound far louder than any recording.
        """
        return 1 - log_mel / math.log(self.log_offset)

    def _pad(self, waveform: Tensor) -> Tensor:
        """Pads with zeros, so that each hop is in the centre of a frame.

        `ops.stft` centres the window in a frame of `fft_samples`. Hop t is
        the samples from t * hop to (t + 1) * hop.
        """
        num_samples = ops.shape(waveform)[1]
        frames = self.num_frames(num_samples)
        before = (self.fft_samples - self.hop_samples) // 2
        total = (frames - 1) * self.hop_samples + self.fft_samples
        after = total - before - num_samples
        return ops.pad(waveform, [[0, 0], [before, after]])

    def num_frames(self, num_samples: Any) -> Any:
        """The number of frames of a waveform, integer or tensor."""
        return -(-num_samples // self.hop_samples)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, samples = input_shape
        frames = None if samples is None else self.num_frames(samples)
        return (batch, frames, self.num_bands, 1)

    def compute_output_spec(self, waveform: Tensor) -> keras.KerasTensor:
        shape = self.compute_output_shape(waveform.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "sample_rate_hz": self.sample_rate_hz,
            "num_bands": self.num_bands,
            "window_ms": self.window_ms,
            "hop_ms": self.hop_ms,
            "min_hz": self.min_hz,
            "max_hz": self.max_hz,
            "log_offset": self.log_offset,
        }
