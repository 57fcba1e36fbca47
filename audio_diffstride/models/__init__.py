"""The models: encoders, and the classifiers around them."""

from audio_diffstride.models.classifier import AudioClassifier, ImageClassifier
from audio_diffstride.models.densenet import DenseNet
from audio_diffstride.models.efficientnet import EfficientNet
from audio_diffstride.models.resnet import ResNet
from audio_diffstride.models.time_frequency import TimeFrequencyEncoder
from audio_diffstride.models.waveform import WaveformEncoder

__all__ = [
    "AudioClassifier",
    "DenseNet",
    "EfficientNet",
    "ImageClassifier",
    "ResNet",
    "TimeFrequencyEncoder",
    "WaveformEncoder",
]
