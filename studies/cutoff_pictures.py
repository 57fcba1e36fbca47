"""Pictures of learned cut-offs: by task, by block and by augmentation."""

from __future__ import annotations

import itertools
import pathlib
from typing import Any

from audio_diffstride.config.arms import ARMS
from audio_diffstride.files import figures
from studies import cutoff_tables, demo_cutoffs
from studies import cutoff_values as values
from studies.cutoff_tables import Change, Rows
from studies.cutoff_values import AXES, Interval

_LABELS = {
    "time": "cut-off along time, Hz",
    "frequency": "cut-off along frequency, cycles per mel band",
}
_LINE = {"color": "0.45", "linestyle": "--", "linewidth": 1.5}
_COLOURS = (
    *("#0072b2", "#56b4e9", "#a89a00", "#009e73"),
    *("#e69f00", "#d55e00", "#cc79a7"),
)
_DEMO = {"marker": "D", "color": "black", "markersize": 8, "linestyle": ""}
_BLOCK_ARM = "folding"
_COUNT = {"ha": "right", "fontsize": 10, "color": "0.4"}
_STYLE: dict[Any, Any] = {
    "font.size": 13,
    "axes.titlesize": 14,
    "legend.fontsize": 11,
}
_DPI = 75


def draw(
    rows: Rows,
    demo: dict[str, list[float]],
    augmented: list[Change],
    folder: pathlib.Path,
) -> None:
    """Draws the pictures of `studies.cutoffs` into a folder.

    Args:
        rows: {task: results}.
        demo: {axis: cut-offs of the demo model}.
        augmented: what augmentations change; their picture is left out
            without any.
        folder: that exists.
    """
    import matplotlib

    with matplotlib.rc_context(_STYLE):
        _save(_tasks(rows, demo), folder / "cutoffs_tasks.png")
        _save(_blocks(rows), folder / "cutoffs_blocks.png")
        if augmented:
            _save(_augmented(augmented), folder / "cutoffs_augmentation.png")


def _figure(width: float, height: float) -> Any:
    import matplotlib.figure

    return matplotlib.figure.Figure(
        figsize=(width, height), layout="constrained", facecolor="white"
    )


def _save(figure: Any, path: pathlib.Path) -> None:
    figures.save_png(figure, path, _DPI)


def _tasks(rows: Rows, demo: dict[str, list[float]]) -> Any:
    """A column per arm and a row per axis; a line per task."""
    arms = cutoff_tables.BLOCK_ARMS
    figure = _figure(20, 10)
    panels = figure.subplots(len(AXES), len(arms), sharex="row", sharey=True)
    heights = range(len(rows), 0, -1)
    for column, arm in zip(panels.T, arms):
        for axis, panel in zip(AXES, column):
            right = {"x": 0.99, "transform": panel.get_yaxis_transform()}
            lines = zip(heights, itertools.cycle(_COLOURS), rows.values())
            for height, colour, results in lines:
                if arm in values.learning_arms(results):
                    found = cutoff_tables.first(results, arm, axis)
                    _bar(panel, found, height, colour)
                    text = f"n = {found.count}"
                    runs = cutoff_tables.num_runs(results, arm)
                    if runs > found.count:
                        text += f", {runs} runs"
                    panel.text(y=height - 0.33, s=text, **right, **_COUNT)
            if arm == demo_cutoffs.ARM:
                panel.plot(demo[axis][0], 0, **_DEMO)
                panel.text(y=-0.1, s="1 run", **right, **_COUNT)
            panel.axvline(values.START[axis], **_LINE)
            panel.set_ylim(-0.6, len(rows) + 0.6)
            panel.set_yticks([*heights, 0], [*rows, "five tasks (demo)"])
            panel.set_xlabel(_LABELS[axis])
            panel.grid(axis="x", color="0.9")
        title = ARMS[arm].title + (", the paper's" if arm == "outside" else "")
        column[0].set_title(title)
    return figure


def _bar(panel: Any, found: Interval, height: float, colour: str) -> None:
    """Folds or seeds as dots; above them their mean and its interval."""
    panel.plot(
        found.values,
        [height - 0.25] * len(found.values),
        "o",
        color=colour,
        alpha=0.6,
        markersize=5,
    )
    panel.errorbar(
        found.mean,
        height + 0.08,
        xerr=found.half_width,
        color=colour,
        marker="s",
        markersize=8,
        linewidth=3,
        capsize=5,
    )


def _blocks(rows: Rows) -> Any:
    """Cut-offs block by block, and their ratio to where they started."""
    figure = _figure(15, 9)
    panels = figure.subplots(2, len(AXES), sharex=True)
    for axis, (above, below) in zip(AXES, panels.T):
        start = cutoff_tables.start_blocks(rows, _BLOCK_ARM, axis)
        numbers = range(1, len(start) + 1)
        full = values.RATES[axis] / 2
        lines = zip(itertools.count(), itertools.cycle(_COLOURS), rows.items())
        for offset, colour, (title, found) in lines:
            blocks = cutoff_tables.in_blocks(found, _BLOCK_ARM, axis)
            shift = (offset - (len(rows) - 1) / 2) * 0.09
            style = {"color": colour, "label": title}
            places = [number + shift for number in numbers]
            above.plot(numbers, [b.mean / full for b in blocks], "o-", **style)
            below.errorbar(
                places,
                [b.mean / s for b, s in zip(blocks, start)],
                yerr=[(b.half_width or 0) / s for b, s in zip(blocks, start)],
                marker="o",
                linestyle="",
                linewidth=2.5,
                **style,
            )
        above.plot(numbers, [s / full for s in start], label="start", **_LINE)
        below.axhline(1, **_LINE)
        above.set_yscale("log")
        above.set_title(f"Along {axis}")
        for panel in (above, below):
            panel.grid(axis="y", color="0.9")
            panel.set_xticks(numbers, [f"block {n}" for n in numbers])
        unit = "Hz" if axis == "time" else "cycles/band"
        ticks = [0.02, 0.05, 0.1, 0.2, 0.5]
        above.set_yticks(ticks, [f"{full * t:g}" for t in ticks])
        above.minorticks_off()
        above.set_ylabel(f"cut-off, {unit}")
    panels[1, 0].sharey(panels[1, 1])
    panels[1, 0].set_ylim(bottom=0)
    panels[1, 0].set_ylabel("cut-off / cut-off at the start")
    panels[0, 0].legend(loc="lower left")
    return figure


def _augmented(changes: list[Change]) -> Any:
    """A panel per axis, a line per augmentation."""
    figure = _figure(16, 0.65 * len(changes) + 1.6)
    panels = figure.subplots(1, len(AXES), sharey=True)
    heights = range(len(changes), 0, -1)
    for axis, panel in zip(AXES, panels):
        for height, change in zip(heights, changes):
            found = change.changes[axis]
            colour = "#d55e00" if found.excludes_0 else "#0072b2"
            _bar(panel, found, height, colour)
        panel.axvline(0, **_LINE)
        panel.grid(axis="x", color="0.9")
        panel.set_xlabel(f"change of the\n{_LABELS[axis]}")
    panels[0].set_yticks(
        heights,
        [f"{c.title} (n = {c.changes['time'].count})" for c in changes],
    )
    return figure
