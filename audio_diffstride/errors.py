"""User errors: one sentence instead of a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import NoReturn

# Of a long sentence. Its end says what to do.
_MAX_CHARACTERS, _BEGIN, _END = 1000, 600, 300


class UserError(Exception):
    """A user's mistake: what is wrong, where, and what to do.

    A sentence may quote a file, and a cell of it may be megabytes long. Then
    the middle is left out.
    """

    def __init__(self, sentence: str):
        if len(sentence) > _MAX_CHARACTERS:
            sentence = f"{sentence[:_BEGIN]} ... {sentence[-_END:]}"
        super().__init__(sentence)


@contextlib.contextmanager
def report_user_errors() -> Iterator[None]:
    """Prints a user error or a disk error and exits with status 2."""
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
    except OSError as error:  # such as a full disk or a missing permission
        _exit(f"a file cannot be read or written: {error}")


def _exit(sentence: str) -> NoReturn:
    print(f"error: {one_line(sentence)}", file=sys.stderr)
    sys.exit(2)


def shortened(value: object, limit: int = 60) -> str:
    """A value as Python writes it, cut off at a number of characters.

    >>> shortened("a long word", limit=9)
    "'a lon..."
    """
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def one_line(message: object) -> str:
    r"""A message with every character that cannot be printed as an escape.

    The name of a file may hold line ends, terminal control codes, and bytes
    that are not text.

    >>> one_line("a\nb \x1b[2J é")
    'a\\nb \\x1b[2J é'
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in str(message)
    )


def join_some(names: Iterable[object], limit: int = 5) -> str:
    """Joins the first of many names, for a message.

    >>> join_some(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    texts = [str(name) for name in names]
    first = ", ".join(texts[:limit])
    rest = len(texts) - limit
    return f"{first} and {rest} more" if rest > 0 else first
