"""The layers: downsampling, and the front ends for sound and images."""

from audio_diffstride.layers.diffstride import DiffStride
from audio_diffstride.layers.log_mel import LogMelSpectrogram
from audio_diffstride.layers.pixels import Pixels
from audio_diffstride.layers.spectral_pooling import SpectralPooling
from audio_diffstride.layers.waveform import Waveform

__all__ = [
    "DiffStride",
    "LogMelSpectrogram",
    "Pixels",
    "SpectralPooling",
    "Waveform",
]
