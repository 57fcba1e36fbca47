"""Mistakes of the user, told in one sentence instead of a traceback."""

from __future__ import annotations

import contextlib
import os
import sys


class UserError(Exception):
    """What is wrong, where, and what to do, in one sentence."""


@contextlib.contextmanager
def report_user_errors():
    """Prints a user's mistake, or what the disk says; exits with status 2."""
    try:
        yield
    except UserError as error:
        _exit(str(error))
    except ModuleNotFoundError as error:
        if error.name != os.environ.get("KERAS_BACKEND"):
            raise
        _exit(
            f"KERAS_BACKEND is {error.name}, which is not installed; run pip "
            f"install 'audio-diffstride[{error.name}]', or unset it"
        )
    except OSError as error:  # a full disk, a folder that is not ours
        _exit(f"the disk says: {error}")


def _exit(sentence: str):
    print(f"error: {one_line(sentence)}", file=sys.stderr)
    sys.exit(2)


def shortened(value, limit: int = 60) -> str:
    """A value as Python writes it, cut off where a message would drown in it.

    >>> shortened("a long word", limit=9)
    "'a lon..."
    """
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def one_line(message) -> str:
    r"""A message with the names in it as they can be printed.

    The name of a file may hold line ends, codes that a terminal obeys, and
    bytes that are no text: these are shown as escapes.

    >>> one_line("a\nb \x1b[2J é")
    'a\\nb \\x1b[2J é'
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in str(message)
    )


def join_some(names, limit: int = 5) -> str:
    """A few of many names, for a message.

    >>> join_some(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    names = [str(name) for name in names]
    shown = ", ".join(names[:limit])
    rest = len(names) - limit
    return f"{shown} and {rest} more" if rest > 0 else shown
