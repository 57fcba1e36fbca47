"""How strides were learned: the paper's Figures 3, A.1 and A.2.

Where runs of one accuracy end with other strides, they are one of the paper's
equivalence classes.
"""

from __future__ import annotations

import math
import pathlib

from audio_diffstride.cutoffs import stride_plot
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.sweep.complexity_plot import MARKERS
from audio_diffstride.sweep.results import Result

_MAX_NAMED = 12  # settings in a legend
_STYLES = ("-", "--", ":")  # of the axes


def draw(folder: pathlib.Path, results: list[Result], path):
    """Draws four panels on the runs whose strides are learned, as a PNG.

    (a) the strides of the first run against the step; (b) accuracy against
    the product of all strides; (c) that product against the step; (d) the
    strides of every place and axis. In (b) and (d) they are those of the model
    that was evaluated; shades in (c) and (d) are the accuracy of the run, the
    mean over its tasks.

    Args:
        folder: of the sweep.
        results: of runs that learn their strides, at least one.
        path: of the PNG.

    Raises:
        UserError: if the runs do not have the same places, or a strides.csv
            is missing or damaged.
    """
    import matplotlib.cm
    import matplotlib.colors
    import matplotlib.figure

    if len({tuple(result.strides) for result in results}) > 1:
        raise UserError(
            "the runs of this sweep downsample at different places, so their "
            "strides cannot be drawn together"
        )
    histories = [
        stride_plot.history(folder / result.run.name) for result in results
    ]
    low = min(result.accuracy for result in results)
    high = max(result.accuracy for result in results)
    shades = matplotlib.cm.ScalarMappable(
        matplotlib.colors.Normalize(low, high if high > low else low + 0.1),
        "viridis_r",
    )
    colours = [shades.to_rgba(result.accuracy) for result in results]
    figure = matplotlib.figure.Figure(figsize=(11, 8), layout="constrained")
    panels = figure.subplots(2, 2)
    _strides_of_one(panels[0, 0], histories[0], results[0].run.name)
    _accuracies(panels[0, 1], results)
    _striding_factors(panels[1, 0], histories, colours)
    _final_strides(panels[1, 1], results, colours)
    bar = figure.colorbar(shades, ax=panels[1], aspect=30)
    bar.set_label("accuracy (%), mean over the tasks")
    for letter, panel in zip("abcd", panels.ravel()):
        panel.set_title(
            f"({letter}) {panel.get_title(loc='left')}",
            loc="left",
            fontsize=10,
            parse_math=False,
        )
        panel.grid(alpha=0.3)
        panel.spines[["top", "right"]].set_visible(False)
    with atomic.atomic_path(path) as partial:
        figure.savefig(partial, dpi=150, format="png")


def _strides_of_one(panel, history: dict[str, list[float]], name: str):
    """Places by colour and by a name at the end of the line, axes by dashes."""
    names = [column for column in history if column != "step"]
    places = list(dict.fromkeys(n.rpartition("_")[0] for n in names))
    axes = list(dict.fromkeys(n.rpartition("_")[2] for n in names))
    for column in names:
        place, _, axis = column.rpartition("_")
        panel.plot(
            history["step"],
            history[column],
            _STYLES[axes.index(axis) % len(_STYLES)],
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
    for axis, style in zip(axes, _STYLES):
        panel.plot([], [], style, color="black", label=f"along {axis}")
    panel.legend(frameon=False, fontsize=8)
    # Room for the names.
    panel.set_xlim(right=max(history["step"]) * 1.15)
    panel.set_title(name, loc="left")
    panel.set_xlabel("training step")
    panel.set_ylabel("stride")


def _accuracies(panel, results: list[Result]):
    """A marker per setting, whose name stands beside one of its runs."""
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
    if 1 < len(settings) <= _MAX_NAMED:
        panel.legend(frameon=False, fontsize=8, title="begun with")
    panel.set_xscale("log")
    _plain_numbers(panel.xaxis)
    panel.set_title("accuracy and global striding factor", loc="left")
    panel.set_xlabel("product of all strides of the evaluated model")
    panel.set_ylabel("accuracy (%), mean over the tasks")


def _striding_factors(panel, histories, colours):
    for history, colour in zip(histories, colours):
        columns = [v for name, v in history.items() if name != "step"]
        factors = [math.prod(row) for row in zip(*columns)]
        panel.plot(history["step"], factors, color=colour)
    panel.set_yscale("log")
    _plain_numbers(panel.yaxis)
    panel.set_title("global striding factor of every run", loc="left")
    panel.set_xlabel("training step")
    panel.set_ylabel("product of all strides")


def _plain_numbers(axis):
    """On a logarithmic axis: 500 and 1000, not powers of ten."""
    from matplotlib import ticker

    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axis.set_minor_locator(ticker.NullLocator())


def _final_strides(panel, results: list[Result], colours):
    names = list(results[0].strides)
    for number, (result, colour) in enumerate(zip(results, colours)):
        # Side by side, so that equal strides are seen.
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
