"""The models: encoders, and the classifiers around them."""

from audio_diffstride.models.audio.time_frequency import TimeFrequencyEncoder
from audio_diffstride.models.audio.waveform import WaveformEncoder
from audio_diffstride.models.classifier import AudioClassifier, ImageClassifier
from audio_diffstride.models.image.densenet import DenseNet
from audio_diffstride.models.image.efficientnet import EfficientNet
from audio_diffstride.models.image.resnet import ResNet

__all__ = [
    "AudioClassifier",
    "DenseNet",
    "EfficientNet",
    "ImageClassifier",
    "ResNet",
    "TimeFrequencyEncoder",
    "WaveformEncoder",
]
