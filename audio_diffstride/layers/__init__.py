"""The layers: downsampling, and the log-mel front end."""

from audio_diffstride.layers.diffstride import DiffStride
from audio_diffstride.layers.log_mel import LogMelSpectrogram
from audio_diffstride.layers.per_example import PerExampleDiffStride
from audio_diffstride.layers.spectral_pooling import SpectralPooling
from audio_diffstride.layers.waveform import Waveform

__all__ = [
    "DiffStride",
    "LogMelSpectrogram",
    "PerExampleDiffStride",
    "SpectralPooling",
    "Waveform",
]
