"""Models that run operation by operation, without a graph.

The making of a graph takes seconds, and a few steps without one take less.
Tests of what does not depend on it train so. The runs of training_test.py and
resume_test.py have graphs.
"""

import contextlib
from collections.abc import Iterator

import keras
import pytest


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
