"""Sound from standard input or from a named pipe."""

from __future__ import annotations

import collections
import os
import queue
import stat
import sys
import threading
from collections.abc import Generator

from audio_diffstride.audio.reading import MAX_RATE_HZ, MIN_RATE_HZ
from audio_diffstride.errors import UserError
from audio_diffstride.listen import pcm
from audio_diffstride.listen.sound import IDLE_S, MAX_BLOCKS, Block

STDIN = "-"
_INSTEAD = "pipe 16-bit samples or a WAV into it"


class Pipe:
    """Standard input or a named pipe, read by a thread.

    When the scores do not keep up, the pipe fills and its writer waits. So
    nothing is lost here, and how late live sound is, only its writer knows.

    Args:
        path: of the pipe, or `STDIN`.
        rate_hz: of samples without a header; None for a WAV.
        channels: of samples without a header.

    Attributes:
        name: the path, or "stdin".
        problems: how the sound was cut off, at its end.

    Raises:
        UserError: for a terminal, a file, and impossible numbers.
    """

    behind_s = 0.0

    def __init__(self, path: str, rate_hz: int | None, channels: int | None):
        if rate_hz is not None and not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise UserError(
                f"--sample_rate_hz is {rate_hz}, but must be from "
                f"{MIN_RATE_HZ} to {MAX_RATE_HZ}"
            )
        if channels is not None and channels < 1:
            raise UserError(f"--channels is {channels}, but must be at least 1")
        self.name = "stdin" if path == STDIN else path
        self.problems: collections.deque[str] = collections.deque()
        _check(path)
        self._path, self._rate_hz, self._channels = path, rate_hz, channels
        # The sound waits here while the model is loaded.
        self._items: queue.Queue[Block | BaseException | None] = queue.Queue(
            MAX_BLOCKS
        )
        threading.Thread(target=self._read, name="pipe", daemon=True).start()

    def blocks(self) -> Generator[Block | None, None, None]:
        """Yields the sound, and None when nothing came for `IDLE_S`.

        Raises:
            UserError: for what is no sound of the stated form.
        """
        while True:
            try:
                item = self._items.get(timeout=IDLE_S)
            except queue.Empty:
                yield None
                continue
            if isinstance(item, BaseException):
                raise item
            if item is None:
                return
            yield item

    def _read(self) -> None:
        try:
            is_stdin = self._path == STDIN
            # Opening waits for a writer. The descriptor of standard input
            # stays open.
            with open(
                sys.stdin.fileno() if is_stdin else self._path,
                "rb",
                buffering=0,
                closefd=not is_stdin,
            ) as file:
                for block in pcm.read(
                    file,
                    self.name,
                    self._rate_hz,
                    self._channels,
                    self.problems.append,
                ):
                    self._items.put(block)
            self._items.put(None)
        except BaseException as error:
            self._items.put(error)


def _check(path: str) -> None:
    if path == STDIN:
        if sys.stdin is None or sys.stdin.closed:
            raise UserError(f"standard input is closed; {_INSTEAD}")
        if sys.stdin.isatty():
            raise UserError(f"standard input is a terminal; {_INSTEAD}")
        return
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise UserError(
            f"{path} cannot be opened: {error.strerror}; give a named pipe, or "
            f"{STDIN} for standard input"
        ) from error
    if stat.S_ISDIR(mode):
        raise UserError(f"{path} is a folder; give a named pipe")
    if stat.S_ISREG(mode):
        raise UserError(
            f"{path} is a file; find its classes by audio-diffstride predict, "
            f"or pipe it into audio-diffstride listen {STDIN}"
        )
