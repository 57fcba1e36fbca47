"""Models that run operation by operation, without a graph.

The making of a graph takes seconds, and a few steps without one take less.
Tests of what does not depend on it train so, and predict so. The runs of
training_test.py and resume_test.py have graphs, and predictions have them in
tests with the fixture `compiled_forward`.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

from audio_diffstride.backends import forward

_TRACED = forward._traced_by_tensorflow


@contextlib.contextmanager
def eagerly() -> Iterator[None]:
    """Models that are compiled within run without a graph."""
    compile_model = keras.Model.compile

    def compile_eager(model, *args, **kwargs):
        compile_model(model, *args, **kwargs)
        model.run_eagerly = True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "compile", compile_eager)
        yield


@contextlib.contextmanager
def predicting_eagerly() -> Iterator[None]:
    """Commands within predict without a graph, if TensorFlow is the backend."""

    def untraced(model: Any, shape: tuple[int, int]) -> Any:
        def call(waveforms: np.ndarray) -> Any:
            # A graph of this shape would refuse any other, too.
            assert waveforms.shape == shape and waveforms.dtype == np.int16
            return model(keras.ops.convert_to_tensor(waveforms), training=False)

        return call

    with _predicting(untraced):
        yield


@contextlib.contextmanager
def predicting_compiled() -> Iterator[None]:
    """Commands within `predicting_eagerly` and this predict by graphs."""
    with _predicting(_TRACED):
        yield


@contextlib.contextmanager
def _predicting(compiled: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forward, "_traced_by_tensorflow", compiled)
        yield
