"""Gains of arms against their costs: one panel per row and task."""

from __future__ import annotations

import os
from typing import Any

from audio_diffstride.config.arms import ARMS, in_order
from audio_diffstride.files import figures
from audio_diffstride.sweep.complexity_plot import MARKERS
from studies.gains import Gain

_COLUMNS = 3


def draw(
    gains: list[Gain], reference: str, path: str | os.PathLike[str]
) -> None:
    """Draws mean differences with their standard errors, as a PNG.

    Points of arms at matched cost are hollow.

    Args:
        gains: of every row, arm and task.
        reference: the arm that is compared with. It has difference 0 and
            relative cost 1.
        path: of the PNG.
    """
    import matplotlib.figure
    import matplotlib.lines

    panels = list(dict.fromkeys((gain.row, gain.task) for gain in gains))
    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = matplotlib.figure.Figure(
        figsize=(0.6 + 3.2 * columns, 0.9 + 2.7 * rows), layout="constrained"
    )
    axes = [*figure.subplots(rows, columns, squeeze=False).flat]
    arms = in_order(gain.arm for gain in gains)
    title = ARMS[reference].title.removesuffix(".").lower()
    labelled: dict[str, Any] = {}  # {label: what the legend shows}
    for (row, task), panel in zip(panels, axes):
        panel.axhline(0, color="0.6", linewidth=0.8)
        panel.set_xscale("log", base=2)
        panel.xaxis.set_major_formatter("{x:g}x")
        panel.set_title(
            row if task.lower() in row.lower() else f"{row}: {task}",
            fontsize=9,
            parse_math=False,
        )
        panel.grid(alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
        for gain in gains:
            if (gain.row, gain.task) == (row, task):
                number = arms.index(gain.arm)
                handle = panel.errorbar(
                    gain.cost_ratio,
                    gain.mean,
                    gain.standard_error,
                    marker=MARKERS[number % len(MARKERS)],
                    color=f"C{number}",
                    markerfacecolor="none" if gain.is_matched else None,
                    linestyle="none",
                    elinewidth=1,
                )
                if not gain.is_matched:
                    labelled.setdefault(ARMS[gain.arm].title, handle)
    if any(gain.is_matched for gain in gains):
        labelled["at matched cost"] = matplotlib.lines.Line2D(
            [], [], color="0.3", marker="o", mfc="none", linestyle="none"
        )
    for panel in axes[len(panels) :]:
        panel.remove()
    figure.supxlabel(f"multiply-adds, times those of {title}", fontsize=9)
    figure.supylabel(f"accuracy less that of {title} (points)", fontsize=9)
    figure.legend(
        labelled.values(),
        labelled,
        loc="outside upper center",
        ncols=4,
        fontsize=8,
    )
    figures.save_png(figure, path)
