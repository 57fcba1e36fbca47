"""Figures in the project's style, and PNG files of them."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Mapping
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
    import matplotlib  # takes half a second
    import matplotlib.figure

    settings: Any = {**_STYLE, **(style or {})}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # Names may be in a script that matplotlib's own font lacks.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield matplotlib.figure.Figure(
            figsize=(width_in, height_in), layout="constrained"
        )


def save_png(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Writes the figure as a PNG, whole or not at all."""
    with atomic.atomic_path(path) as partial:
        figure.savefig(partial, dpi=_DPI, format="png")
