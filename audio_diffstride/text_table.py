"""Tables for a terminal."""

from __future__ import annotations


def aligned(lines: list[list[str]]) -> list[str]:
    r"""Columns of one width, the first to the left; a rule under the first.

    >>> print(*aligned([["arm", "ms"], ["max_pool", "7"]]), sep="\n")
    arm       ms
    ------------
    max_pool   7
    """
    widths = [max(map(len, column)) for column in zip(*lines)]
    texts = [
        "  ".join(
            [first.ljust(widths[0])]
            + [cell.rjust(w) for cell, w in zip(rest, widths[1:])]
        )
        for first, *rest in lines
    ]
    return [texts[0], "-" * len(texts[0]), *texts[1:]]
