"""Lines for the user on standard error, beside the results of a command."""

from __future__ import annotations

import sys

from audio_diffstride.errors import one_line


def warn(message: object) -> None:
    """Says what may be wrong."""
    print(f"warning: {one_line(message)}", file=sys.stderr)


def note(message: object) -> None:
    """Says what the user should know."""
    print(f"note: {one_line(message)}", file=sys.stderr)
