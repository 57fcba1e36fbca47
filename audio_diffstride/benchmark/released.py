"""The layer of google-research/diffstride, imported from a checkout."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys
import types
import unittest.mock
from typing import Any

from audio_diffstride.benchmark.replacements import EndBlock
from audio_diffstride.errors import UserError


def import_pooling(path: str | os.PathLike[str]) -> types.ModuleType:
    """The module diffstride.pooling of a checkout.

    Raises:
        UserError: if there is no such module.
    """
    source = pathlib.Path(path) / "diffstride" / "pooling.py"
    if not source.is_file():
        raise UserError(
            f"{path} is not a checkout of google-research/diffstride: it has "
            "no diffstride/pooling.py; give --released the path of one"
        )
    # Its classes are decorated for gin. Keras 3 cannot build what gin wraps.
    undecorated: Any = types.ModuleType("gin")
    undecorated.configurable = lambda decorated: decorated
    spec = importlib.util.spec_from_file_location("pooling", source)
    if spec is None or spec.loader is None:
        raise UserError(f"{source} cannot be imported; give another --released")
    with unittest.mock.patch.dict(sys.modules, {"gin": undecorated}):
        pooling = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(pooling)
    return pooling


def released_block(path: str | os.PathLike[str]) -> type[EndBlock]:
    """An `EndBlock` with the released layer.

    Args:
        path: of the checkout.
    """
    pooling = import_pooling(path)

    class ReleasedBlock(EndBlock):
        def build(self, input_shape: tuple[int | None, ...]) -> None:
            super().build(input_shape)
            self.released = pooling.DiffStride(
                self.initial_strides, data_format="channels_last"
            )
            self.released.build((*input_shape[:3], self.channels))
            self.resampling.trainable = False

        def _downsample(self, x: Any) -> Any:
            return self.released(x)

    return ReleasedBlock
