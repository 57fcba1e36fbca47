"""Figures in the project's style, for PNG files and for notebooks."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from audio_diffstride.files import atomic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 150
_STYLE: dict[str, Any] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.titlesize": 11,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "text.parse_math": False,  # a class may be called $a$
}


@contextlib.contextmanager
def new_figure(
    width_in: float, height_in: float, style: Mapping[str, Any] | None = None
) -> Iterator[Figure]:
    """Makes an empty figure. Draw it and save it inside the `with` block.

    Args:
        width_in: inches.
        height_in: inches.
        style: settings of matplotlib, on top of the project's.
    """
    import matplotlib.figure  # takes half a second

    with _style(style or {}):
        yield matplotlib.figure.Figure(
            figsize=(width_in, height_in), layout="constrained"
        )


def for_notebook(
    width_in: float, height_in: float, draw: Callable[[Figure], object]
) -> Figure:
    """Draws a figure that a notebook shows where it ends a cell.

    Args:
        width_in: inches.
        height_in: inches.
        draw: draws on the empty figure.
    """
    from matplotlib import pyplot  # a notebook shows the figures of pyplot only

    with _style({}):
        figure = pyplot.figure(
            figsize=(width_in, height_in), layout="constrained"
        )
        pyplot.close(figure)  # else the notebook shows it a second time
        draw(figure)
    return figure


@contextlib.contextmanager
def _style(more: Mapping[str, Any]) -> Iterator[None]:
    import matplotlib

    settings: Any = {**_STYLE, **more}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # Names may be in a script that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


def save_png(
    figure: Figure, path: str | os.PathLike[str], dpi: int = _DPI
) -> None:
    """Writes the figure as a PNG, whole or not at all."""
    with atomic.atomic_file(path) as partial:
        figure.savefig(partial, dpi=dpi, format="png")
