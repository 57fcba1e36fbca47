"""A lock that only one process can hold."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import filelock

from audio_diffstride.errors import UserError


@contextlib.contextmanager
def exclusive(path: str | os.PathLike[str], refusal: str) -> Iterator[None]:
    """Holds a lock file until the block or the process ends.

    Args:
        path: the lock file; it stays there, unchanged.
        refusal: the message for a second process.

    Raises:
        UserError: with `refusal`, if another process holds the lock.
    """
    lock = filelock.FileLock(path, blocking=False, preserve_lock_file=True)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise UserError(refusal) from error
    try:
        yield
    finally:
        lock.release()
