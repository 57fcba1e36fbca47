"""No garbage collection where it only costs time.

Keras and its backend make a million objects that stay. To look through them
costs a command a second when it starts, and a second when it ends.
"""

from __future__ import annotations

import atexit
import gc
from types import ModuleType

from audio_diffstride.terminal import import_hooks
from audio_diffstride.terminal.import_hooks import Load


def install() -> None:
    """Leaves out collections while Keras loads, and at the end.

    For commands: a program that only imports this package is left alone.
    """
    import_hooks.around("keras", _load_without_collections)
    atexit.unregister(gc.freeze)  # once per process
    atexit.register(gc.freeze)


def _load_without_collections(load: Load, module: ModuleType) -> None:
    enabled = gc.isenabled()
    gc.disable()
    try:
        load(module)
        gc.freeze()  # what is there stays, and is not looked at again
    finally:
        if enabled:
            gc.enable()
