"""How strides change during training: the paper's Figures 3, A.1 and A.2.

Runs of equal accuracy that end with different strides are what the paper calls
an equivalence class.
"""

from __future__ import annotations

import math
import os
import pathlib
from typing import Any

import numpy as np

from audio_diffstride.cutoffs import stride_plot
from audio_diffstride.errors import UserError
from audio_diffstride.files import figures
from audio_diffstride.sweep.complexity_plot import MARKERS
from audio_diffstride.sweep.results import Result

_MAX_IN_LEGEND = 12  # settings
_AXIS_STYLES = ("-", "--", ":")

_History = dict[str, list[float]]  # {"step" or place_axis: a value per row}


def draw(
    folder: pathlib.Path, results: list[Result], path: str | os.PathLike[str]
) -> None:
    """Draws four panels on the runs whose strides are learned, as a PNG.

    (a) The strides of the first run against the training step.
    (b) Accuracy against the product of all strides.
    (c) The product of all strides against the training step.
    (d) The strides of every place and axis.

    (b) and (d) show the evaluated models. The shades in (c) and (d) are the
    accuracies of the runs, means over their tasks.

    Args:
        folder: of the sweep.
        results: of runs that learn their strides, at least one.
        path: of the PNG.

    Raises:
        UserError: if the runs downsample at different places, or a
            strides.csv is missing or damaged.
    """
    import matplotlib.cm
    import matplotlib.colors
    import matplotlib.figure

    if len({tuple(result.strides) for result in results}) > 1:
        raise UserError(
            "the runs of this sweep downsample at different places, so their "
            "strides cannot be drawn together; sweep their networks one by one"
        )
    histories = [
        stride_plot.history(folder / result.run.name) for result in results
    ]
    accuracies = np.array([result.accuracy for result in results])
    low, high = accuracies.min(), accuracies.max()
    shades = matplotlib.cm.ScalarMappable(
        matplotlib.colors.Normalize(low, high if high > low else low + 0.1),
        "viridis_r",
    )
    colours = [*shades.to_rgba(accuracies)]
    figure = matplotlib.figure.Figure(figsize=(11, 8), layout="constrained")
    panels = figure.subplots(2, 2)
    _plot_strides_of_run(panels[0, 0], histories[0], results[0].run.name)
    _plot_accuracies(panels[0, 1], results)
    _plot_striding_factors(panels[1, 0], histories, colours)
    _plot_final_strides(panels[1, 1], results, colours)
    bar = figure.colorbar(shades, ax=panels[1], aspect=30)
    name = results[0].score_name()
    bar.set_label(f"{name} (%), mean over the tasks")
    for letter, panel in zip("abcd", panels.ravel()):
        panel.set_title(
            f"({letter}) {panel.get_title(loc='left')}",
            loc="left",
            fontsize=10,
            parse_math=False,
        )
        panel.grid(alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    figures.save_png(figure, path)


def _plot_strides_of_run(panel: Any, history: _History, name: str) -> None:
    """Places differ in colour and have a name, axes differ in line style."""
    names = [column for column in history if column != "step"]
    places = list(dict.fromkeys(n.rpartition("_")[0] for n in names))
    axes = list(dict.fromkeys(n.rpartition("_")[2] for n in names))
    for column in names:
        place, _, axis = column.rpartition("_")
        panel.plot(
            history["step"],
            history[column],
            _AXIS_STYLES[axes.index(axis) % len(_AXIS_STYLES)],
            color=f"C{places.index(place)}",
        )
        panel.annotate(
            place,
            (history["step"][-1], history[column][-1]),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
            color=f"C{places.index(place)}",
            parse_math=False,
        )
    for axis, style in zip(axes, _AXIS_STYLES):
        panel.plot([], [], style, color="black", label=f"along {axis}")
    panel.legend(frameon=False, fontsize=8)
    # Leave room for the names.
    panel.set_xlim(right=max(history["step"]) * 1.15)
    panel.set_title(name, loc="left")
    panel.set_xlabel("training step")
    panel.set_ylabel("stride")


def _plot_accuracies(panel: Any, results: list[Result]) -> None:
    """One marker per setting; the legend names them if they are few."""
    settings = list(dict.fromkeys(result.run.setting for result in results))
    for number, setting in enumerate(settings):
        points = [
            (result.striding_factor, result.accuracy)
            for result in results
            if result.run.setting == setting
        ]
        panel.plot(
            *zip(*points),
            MARKERS[number % len(MARKERS)],
            color=f"C{number}",
            markerfacecolor="none",
            label=", ".join(filter(None, setting)) or None,
        )
    if 1 < len(settings) <= _MAX_IN_LEGEND:
        panel.legend(frameon=False, fontsize=8, title="started with")
    panel.set_xscale("log")
    _plain_numbers(panel.xaxis)
    name = results[0].score_name()
    panel.set_title(f"{name} and global striding factor", loc="left")
    panel.set_xlabel("product of all strides of the evaluated model")
    panel.set_ylabel(f"{name} (%), mean over the tasks")


def _plot_striding_factors(
    panel: Any, histories: list[_History], colours: list
) -> None:
    for history, colour in zip(histories, colours):
        columns = [v for name, v in history.items() if name != "step"]
        factors = [math.prod(row) for row in zip(*columns)]
        panel.plot(history["step"], factors, color=colour)
    panel.set_yscale("log")
    _plain_numbers(panel.yaxis)
    panel.set_title("global striding factor of every run", loc="left")
    panel.set_xlabel("training step")
    panel.set_ylabel("product of all strides")


def _plain_numbers(axis: Any) -> None:
    """Labels a logarithmic axis 500 and 1000, not with powers of ten."""
    from matplotlib import ticker

    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axis.set_minor_locator(ticker.NullLocator())


def _plot_final_strides(
    panel: Any, results: list[Result], colours: list
) -> None:
    names = list(results[0].strides)
    for number, (result, colour) in enumerate(zip(results, colours)):
        # Shifted sideways, so that equal strides do not cover each other.
        shift = 0.6 * ((number + 0.5) / len(results) - 0.5)
        panel.plot(
            [place + shift for place in range(len(names))],
            list(result.strides.values()),
            "o",
            markersize=4,
            color=colour,
        )
    panel.set_xticks(
        range(len(names)),
        [name.replace("_", " ") for name in names],
        rotation=90,
        fontsize=8,
        parse_math=False,
    )
    panel.set_title("strides of every evaluated model", loc="left")
    panel.set_ylabel("stride")
