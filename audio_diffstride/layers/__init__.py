"""The layers: downsampling, and the front ends of sound and images."""

from audio_diffstride.layers.diffstride import DiffStride
from audio_diffstride.layers.log_mel import LogMelSpectrogram
from audio_diffstride.layers.pixels import Pixels
from audio_diffstride.layers.spectral_pooling import SpectralPooling

__all__ = ["DiffStride", "LogMelSpectrogram", "Pixels", "SpectralPooling"]
