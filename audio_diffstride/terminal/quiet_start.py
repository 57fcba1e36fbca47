"""Keeps TensorFlow's start-up lines off the terminal.

TensorFlow writes them from C++ to file descriptor 2 when it is imported, and
when it first looks for devices. TF_CPP_MIN_LOG_LEVEL stops only some of them.
While TensorFlow starts, the descriptor leads to a second process, this file. It
passes on every line that is not a known one. So other lines appear at once, and
the last words of a crash are not lost.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

# A severity, date, time, process, source file and line begin a line of C++.
_KNOWN_LINE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\) is called"
    rb"|[IW]\d{4} \d\d:\d\d:\S+ +\d+ \S+:\d+\] "
    rb"|E\d{4} \d\d:\d\d:\S+ +\d+ (cuda_\w+|computation_placer)\.cc:\d+\] "
    rb"|To enable the following instructions: "
    rb"|INFO: Created TensorFlow Lite XNNPACK delegate"
    rb"|fully_quantize: \d"
)
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
    if "tensorflow" not in sys.modules and _Finder not in map(
        type, sys.meta_path
    ):
        sys.meta_path.insert(0, _Finder())


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
        [sys.executable, "-I", "-S", __file__],
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


class _Finder:
    """Finds TensorFlow with a loader that loads it quietly."""

    def find_spec(
        self, name: str, path: Any = None, target: Any = None
    ) -> ModuleSpec | None:
        if name != "tensorflow":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_quietly(module: Any) -> None:
                with filtered():
                    load(module)
                    if os.environ.get("KERAS_BACKEND", name) == name:
                        module.config.list_physical_devices()

            spec.loader.exec_module = load_quietly  # type: ignore[method-assign]
        return spec


def _pass_on() -> None:
    """Copies the unknown lines from standard input to standard output."""
    for line in sys.stdin.buffer:
        if not _KNOWN_LINE.match(line):
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    _pass_on()
