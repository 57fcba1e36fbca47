"""Audio classification with learnable strides."""

import os

from audio_diffstride import lazy

# TensorFlow's start-up notes are not about the user's work; unless asked for.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

__version__ = "0.1.0"

# Imported when first used: reading audio and preparing data need no Keras.
_MODULE_OF = {
    "AudioClassifier": "models",
    "DiffStride": "layers",
    "ImageClassifier": "models",
    "LogMelSpectrogram": "layers",
    "Pixels": "layers",
    "SpectralPooling": "layers",
    "TimeFrequencyEncoder": "models",
    "complexity": "models.complexity",
    "freeze": "export.freezing",
}

__all__ = list(_MODULE_OF)
__getattr__ = lazy.names_of(__name__, _MODULE_OF)
