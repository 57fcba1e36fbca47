"""Audio classification with learnable strides."""

import os

import lazy_loader

# TensorFlow's start-up messages do not concern the user.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

__version__ = "0.1.0"

# __init__.pyi lists the public names. Each is imported at its first use,
# because reading audio and preparing data need no Keras.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
