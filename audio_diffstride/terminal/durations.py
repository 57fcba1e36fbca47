"""Durations in seconds as short text."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """A duration in the unit that suits it.

    >>> duration(42.4), duration(600), duration(9000)
    ('42 s', '10.0 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"
