"""The models: encoders, and the classifiers around them."""

from audio_diffstride.models.classifier import AudioClassifier, ImageClassifier
from audio_diffstride.models.resnet import ResNet
from audio_diffstride.models.time_frequency import TimeFrequencyEncoder

__all__ = [
    "AudioClassifier",
    "ImageClassifier",
    "ResNet",
    "TimeFrequencyEncoder",
]
