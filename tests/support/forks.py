"""Commands and programs as forks of one process, to be killed or disturbed.

A fork has TensorFlow at once, so that a hundred commands take minutes. The
process that forks computes nothing itself: TensorFlow's threads do not live on
in a fork.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import importlib
import itertools
import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

ROOT = pathlib.Path(__file__).parents[2]
_CAPABILITIES = 0x20080522  # version 3 of Linux's structure
_OVERRIDES = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


@dataclasses.dataclass(frozen=True)
class Ended:
    """A command that has ended.

    Attributes:
        status: its exit status, or the negative number of a signal.
        printed: all that it printed.
        seconds: how long it took.
    """

    status: int
    printed: str
    seconds: float

    @property
    def sentence(self) -> str:
        """The only error of a command that failed as it must."""
        assert self.status == 2, self
        assert "Traceback" not in self.printed, self.printed
        *_, last = self.printed.strip().splitlines()
        assert last.startswith("error: "), self.printed
        return last.removeprefix("error: ")


class Forks:
    """Starts commands one after the other.

    Args:
        folder: for what they print.
    """

    def __init__(self, folder: pathlib.Path):
        self._logs = (folder / f"{number}.log" for number in itertools.count())
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forks"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """Ends the process that forks."""
        self._server.communicate()

    def run(
        self,
        words: Sequence[object],
        disturb: Callable[[int], object] = lambda pid: None,
        program: str = "audio_diffstride.__main__",
        **changes: object,
    ) -> Ended:
        """Runs a command to its end.

        Args:
            words: after `audio-diffstride`, or those of another program.
            disturb: called with the id of the process while it runs.
            program: a module whose `main` takes the words.
            **changes: to its surroundings; see `_change`.
        """
        log = next(self._logs)
        order = {
            "program": program,
            "words": [*map(str, words)],
            "log": str(log),
            **changes,
        }
        assert self._server.stdin and self._server.stdout
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        begin = time.monotonic()
        pid = int(self._server.stdout.readline())
        disturb(pid)
        self._server.stdin.write("wait\n")
        self._server.stdin.flush()
        status = int(self._server.stdout.readline())
        seconds = time.monotonic() - begin
        return Ended(status, log.read_text("utf-8", "replace"), seconds)


@contextlib.contextmanager
def opened(folder: pathlib.Path) -> Iterator[Forks]:
    """The forks of a test."""
    forks = Forks(folder)
    try:
        yield forks
    finally:
        forks.close()


def kill_after(seconds: float) -> Callable[[int], None]:
    """Kills a process, if it still runs then."""

    def disturb(pid: int) -> None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)

    return disturb


def _serve() -> None:
    """Forks a command for each line, and prints its id, then its status."""
    _import()
    while line := sys.stdin.readline():
        order = json.loads(line)
        # The limit of a child on its files is none on what it prints.
        with open(order.pop("log"), "wb") as log:
            copy = subprocess.Popen("cat", stdin=subprocess.PIPE, stdout=log)
        assert copy.stdin
        child = os.fork()
        if not child:
            _be(order, copy.stdin.fileno())
        copy.stdin.close()
        print(child, flush=True)
        # The id stays that of the child until the test has disturbed it.
        sys.stdin.readline()
        _, status = os.waitpid(child, 0)
        copy.wait()
        print(os.waitstatus_to_exitcode(status), flush=True)


def _import() -> None:
    import keras
    import pyarrow.parquet
    import soundfile

    import audio_diffstride.runs.model_files
    import audio_diffstride.training

    assert keras and pyarrow and soundfile and audio_diffstride


def _be(order: dict, log: int) -> None:
    """The life of a child, which prints to an open file."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    program, words = order.pop("program"), order.pop("words")
    status = 99
    try:
        _change(**order)
        status = importlib.import_module(program).main(words)
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
    with contextlib.suppress(ValueError, OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _change(
    file_bytes: int | None = None,
    clock_seed: int | None = None,
    obeys_modes: bool = False,
) -> None:
    """Changes the surroundings of a command.

    Args:
        file_bytes: no file may be larger.
        clock_seed: the clock jumps by up to a year, back and forth.
        obeys_modes: it may not write where a mode forbids it, not even as
            root.
    """
    if file_bytes is not None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, most))
    if clock_seed is not None:
        rng, now = random.Random(clock_seed), time.time
        time.time = lambda: now() + rng.uniform(-3e7, 3e7)
    if obeys_modes:
        libc = ctypes.CDLL(None)
        header = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
        sets = (ctypes.c_uint32 * 6)()
        assert libc.capget(header, sets) == 0
        sets[0] &= ~_OVERRIDES  # those in effect
        assert libc.capset(header, sets) == 0


if __name__ == "__main__":
    _serve()
