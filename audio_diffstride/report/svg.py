"""Matplotlib's drawings as inline SVG in the colours of the page.

Text and lines are drawn in stand-in colours, which become the style sheet's
variables: so one drawing is right in light and in dark.
"""

from __future__ import annotations

import html
import io
import itertools
import re
import warnings

from audio_diffstride.report.page import Html

TEXT, _GRID = "#010101", "#020202"
SERIES = tuple(f"#0000c{number}" for number in range(1, 7))
_VARIABLES = {
    TEXT: "currentColor",
    _GRID: "var(--grid)",
    **{c: f"var(--series-{i})" for i, c in enumerate(SERIES, start=1)},
}
_STYLE = {
    "svg.fonttype": "none",  # real text: it can be found and read aloud
    "svg.hashsalt": "report",  # the same page from the same run
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "legend.frameon": False,
    "grid.color": _GRID,
    "text.color": TEXT,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "axes.edgecolor": TEXT,
    "axes.labelcolor": TEXT,
    "axes.titlecolor": TEXT,
}
_numbers = itertools.count(1)


def to_svg(paint, description: str, width_in=4.8, height_in=3.0) -> Html:
    """Draws and returns the SVG.

    Args:
        paint: is called with a figure and its only axes.
        description: what the picture shows, for those who cannot see it.
        width_in: inches; 4.8 is a phone's width at 10 points.
        height_in: inches.
    """
    import matplotlib
    import matplotlib.figure

    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # The browser has the letters that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = matplotlib.figure.Figure(
            figsize=(width_in, height_in), layout="constrained"
        )
        paint(figure, figure.subplots())
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True)
    return _inline(text.getvalue(), description)


def _inline(svg: str, description: str) -> Html:
    """What HTML needs of an SVG file, with ids that are unique on the page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style .*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><")
    svg = re.sub(r"base64,[^\"]*", lambda m: m[0].replace(" ", ""), svg)
    prefix = f"f{next(_numbers)}-"
    # In tags alone: a class may be called #010101, or id="x.
    svg = re.sub(r"<[^>]*>", lambda match: _inline_tag(match[0], prefix), svg)
    view_box = re.search(r'viewBox="([^"]*)"', svg)[1]
    label = html.escape(description)
    inner = svg[svg.index(">") + 1 :]
    return Html(
        f'<svg role="img" aria-label="{label}" viewBox="{view_box}">{inner}'
    )


def _inline_tag(tag: str, prefix: str) -> str:
    tag = re.sub(r'\bid="', f'id="{prefix}', tag)
    tag = tag.replace("url(#", f"url(#{prefix}")
    tag = tag.replace('href="#', f'href="#{prefix}')
    for stand_in, variable in _VARIABLES.items():
        tag = tag.replace(stand_in, variable)
    return tag


def plain(text: str) -> str:
    """A name as matplotlib should write it: `$` is no mathematics."""
    return text.replace("$", r"\$")
