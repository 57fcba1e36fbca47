"""One process at a time."""

from __future__ import annotations

import contextlib
import fcntl

from audio_diffstride.errors import UserError


@contextlib.contextmanager
def exclusive(path, refusal: str):
    """Holds a lock file; the system lets go of it when the process ends.

    Args:
        path: of the lock file, which stays there.
        refusal: the sentence for a second process.

    Raises:
        UserError: with `refusal`, if another process holds it.
    """
    with open(path, "a") as file:  # which leaves its time of change
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(refusal) from error
        yield
