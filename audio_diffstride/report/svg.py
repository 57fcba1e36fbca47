"""Matplotlib's figures as inline SVG in the colours of the page.

Text and lines are drawn in stand-in colours. On the page these are variables
of the style sheet, so that one drawing fits light and dark.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import re
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from audio_diffstride.files import figures

TEXT, _GRID = "#010101", "#020202"
_SERIES = [f"#0000c{number}" for number in range(1, 7)]
_VARIABLES = {
    TEXT: "currentColor",
    _GRID: "var(--grid)",
    **{c: f"var(--series-{i})" for i, c in enumerate(_SERIES, start=1)},
}
_STYLE = {
    "svg.fonttype": "none",  # text stays text, for search and screen readers
    "svg.hashsalt": "report",  # the same run gives the same page
    "axes.prop_cycle": f"cycler(color={_SERIES})",
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "grid.alpha": 1,
    "grid.color": _GRID,
    "text.color": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "axes.edgecolor": TEXT,
    "axes.labelcolor": TEXT,
    "axes.titlecolor": TEXT,
}
_numbers = itertools.count(1)


@contextlib.contextmanager
def new_axes(
    width_in: float = 4.8, height_in: float = 3.4
) -> Iterator[tuple[Any, Any]]:
    """Makes a figure and its only axes, to draw inside the `with` block.

    Args:
        width_in: inches; 4.8 is a phone's width at 10 points.
        height_in: inches.
    """
    with figures.new_figure(width_in, height_in, _STYLE) as figure:
        yield figure, figure.subplots()


def to_svg(figure: Any, description: str) -> Markup:
    """The figure as an SVG element. Its ids are unique on the page.

    Args:
        figure: of `new_axes`.
        description: what the figure shows, for screen readers.
    """
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True)
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style .*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><")
    svg = re.sub(r"base64,[^\"]*", lambda m: m[0].replace(" ", ""), svg)
    prefix = f"f{next(_numbers)}-"
    # Only in tags: a class may be called #010101, or id="x.
    svg = re.sub(r"<[^>]*>", lambda match: _inline_tag(match[0], prefix), svg)
    view_box = re.search(r'viewBox="([^"]*)"', svg)
    assert view_box is not None
    start = Markup('<svg role="img" aria-label="{}" viewBox="{}">')
    inner = Markup(svg[svg.index(">") + 1 :])
    return start.format(description, view_box[1]) + inner


def _inline_tag(tag: str, prefix: str) -> str:
    tag = re.sub(r'\bid="', f'id="{prefix}', tag)
    tag = tag.replace("url(#", f"url(#{prefix}")
    tag = tag.replace('href="#', f'href="#{prefix}')
    for stand_in, variable in _VARIABLES.items():
        tag = tag.replace(stand_in, variable)
    return tag
