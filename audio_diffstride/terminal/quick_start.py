"""Loads Keras without what only costs time.

Keras and its backend make a million objects that stay. To look through them
for garbage costs a command a second when it starts, and a second when it ends.
Keras also imports packages for its wrappers of scikit-learn and its galleries
of images, which takes a third of its own time. No command uses these.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from audio_diffstride.terminal import import_hooks
from audio_diffstride.terminal.import_hooks import Load

# Keras does without them if they are not installed.
_OPTIONAL = ("matplotlib", "sklearn")


def install() -> None:
    """Makes Keras load quickly, and leaves out collections at the end.

    For commands: a program that only imports this package is left alone.
    """
    import_hooks.around("keras", _load_quickly)
    atexit.unregister(gc.freeze)  # once per process
    atexit.register(gc.freeze)


def _load_quickly(load: Load, module: ModuleType) -> None:
    with _without_collections(), _hidden(_OPTIONAL):
        load(module)
        gc.freeze()  # what is there stays, and is not looked at again


@contextlib.contextmanager
def _without_collections() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _hidden(packages: tuple[str, ...]) -> Iterator[None]:
    """Hides packages as if they were not installed, unless they are loaded."""
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in packages if name not in modules]
    modules.update(dict.fromkeys(hidden))  # None: no such package
    try:
        yield
    finally:
        for name in hidden:
            del modules[name]
