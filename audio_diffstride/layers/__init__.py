"""The layers: downsampling, and the front ends of sound and images."""

from audio_diffstride.layers.diffstride import DiffStride
from audio_diffstride.layers.log_mel import LogMelSpectrogram
from audio_diffstride.layers.per_example import PerExampleDiffStride
from audio_diffstride.layers.pixels import Pixels
from audio_diffstride.layers.spectral_pooling import SpectralPooling
from audio_diffstride.layers.waveform import Waveform

__all__ = [
    "DiffStride",
    "LogMelSpectrogram",
    "PerExampleDiffStride",
    "Pixels",
    "SpectralPooling",
    "Waveform",
]
