"""Tables as text: for a terminal, Markdown, CSV and LaTeX.

A table is a list of lines, the header first. A line is a list of cells.
"""

from __future__ import annotations

import csv
import io
import statistics


def aligned(lines: list[list[str]]) -> list[str]:
    r"""The lines of a table for a terminal.

    The first column is aligned to the left, the others to the right. A rule
    separates the header.

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


def mean_and_std(values: list[float], digits: int = 1, sign: str = "") -> str:
    """The cell of several runs: mean ± sample standard deviation (count).

    Args:
        values: of the runs. Without any the cell is empty.
        digits: after the point.
        sign: "+" to write the sign of positive numbers too.

    >>> mean_and_std([90.0, 92.0, 95.0])
    '92.3 ± 2.5 (3)'
    """
    if not values:
        return ""
    text = f"{statistics.mean(values):{sign}.{digits}f}"
    if len(values) > 1:
        text += f" ± {statistics.stdev(values):.{digits}f}"
    return f"{text} ({len(values)})"


def to_markdown(lines: list[list[str]]) -> str:
    """A Markdown table with pipes."""
    rule = ["---"] * len(lines[0])
    return "".join(
        f"| {' | '.join(line)} |\n" for line in [lines[0], rule, *lines[1:]]
    )


def to_csv(lines: list[list[str]]) -> str:
    """A CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def to_latex(lines: list[list[str]]) -> str:
    """A LaTeX table for the package booktabs."""
    special = {c: f"\\{c}" for c in "&%$#_{}"} | {"±": r"$\pm$"}
    escaped = [
        " & ".join("".join(special.get(c, c) for c in cell) for cell in line)
        for line in lines
    ]
    body = " \\\\\n".join(escaped[1:])
    return (
        f"\\begin{{tabular}}{{{'l' * len(lines[0])}}}\n\\toprule\n"
        f"{escaped[0]} \\\\\n\\midrule\n{body} \\\\\n\\bottomrule\n"
        "\\end{tabular}\n"
    )
