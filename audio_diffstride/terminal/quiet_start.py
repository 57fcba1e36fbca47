"""Keeps TensorFlow's start-up lines off the terminal.

TensorFlow writes them from C++ to file descriptor 2 when it is imported, and
when it first looks for devices. TF_CPP_MIN_LOG_LEVEL stops only some of them.
While TensorFlow starts, the descriptor leads to a second process, which runs
`known_lines.py`. It passes on every line that is not a known one. So other
lines appear at once, and the last words of a crash are not lost.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

from audio_diffstride.terminal import import_hooks, known_lines
from audio_diffstride.terminal.import_hooks import Load

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_ERRORS = 2  # the level that drops information and warnings
_filtering = threading.Lock()


def install() -> None:
    """Makes TensorFlow start quietly when something imports it.

    For commands: TensorFlow also logs errors only until the process ends. A
    program that only imports this package is left alone.
    """
    level = os.environ.get(_LEVEL, "")
    if not (level.isdecimal() and int(level) >= _ERRORS):
        os.environ[_LEVEL] = str(_ERRORS)
    # Python's part of it warns when sizes move and a step is traced again.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    import_hooks.around("tensorflow", _load_quietly)


@contextlib.contextmanager
def filtered() -> Iterator[None]:
    """Drops the known lines that are written to file descriptor 2 within it.

    Without a descriptor 2, without a second process, or within another call,
    it does nothing.
    """
    with contextlib.ExitStack() as stack:
        # Python has no `__stderr__` if it starts with the descriptor closed.
        # Then a file of the command may have it.
        if sys.__stderr__ is not None and _filtering.acquire(blocking=False):
            stack.callback(_filtering.release)
            with contextlib.suppress(OSError):
                _redirect(stack)
        yield


def _redirect(stack: contextlib.ExitStack) -> None:
    before = os.dup(2)
    stack.callback(os.close, before)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", known_lines.__file__],
        stdin=subprocess.PIPE,
        stdout=before,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the command alone
    )
    assert process.stdin is not None
    stack.callback(_wait, process)
    with process.stdin as pipe:
        os.dup2(pipe.fileno(), 2)
    # Now descriptor 2 is the only way into the pipe.
    stack.callback(os.dup2, before, 2)


def _wait(process: subprocess.Popen) -> None:
    """Waits for the last lines, unless others still hold the pipe."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)


def _load_quietly(load: Load, module: Any) -> None:
    with filtered():
        load(module)
        if os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
            module.config.list_physical_devices()
