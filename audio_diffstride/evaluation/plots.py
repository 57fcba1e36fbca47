"""Figures of scores: a confusion matrix, curves against the threshold."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from audio_diffstride.evaluation.metrics import ALL_CLASSES
from audio_diffstride.files import figures

# Of more classes, only the worst are in colour, and the others thin and grey.
COLOURED_CLASSES = 10
WORST_CLASSES = 5
_MAX_NAME_LENGTH = 24
_POINTS_PER_INCH = 72


def draw_confusion(
    matrix: Sequence[Sequence[int]],
    classes: Sequence[str],
    title: str,
    path: str | os.PathLike[str],
) -> None:
    """Draws a confusion matrix as a PNG. Its size grows with the classes.

    Rows are true classes with their number of recordings. Columns are
    predicted classes. A cell shows its recordings, and by its colour their
    share of the row.

    Args:
        matrix: recordings, of shape (classes, classes).
        classes: the names, by index.
        title: above the figure.
        path: of the PNG.
    """
    import matplotlib

    counts = np.asarray(matrix)
    support = counts.sum(axis=1, keepdims=True)
    # Rows without recordings stay grey.
    share = np.ma.masked_where(
        np.broadcast_to(support == 0, counts.shape),
        counts / np.maximum(support, 1),
    )
    # From roomy cells for two classes to the smallest that are legible.
    cell_in = float(np.clip(7 / len(classes), 0.15, 0.55))
    font_pt = min(10.0, 0.58 * cell_in * _POINTS_PER_INCH)
    names = [_shorten(name) for name in classes]
    rows = [f"{name} ({n})" for name, n in zip(names, support[:, 0])]
    # The names and the colour bar need room beside the cells.
    margin_in = 0.65 * font_pt * max(map(len, rows)) / _POINTS_PER_INCH + 1
    side_in = cell_in * len(classes)
    size_in = max(side_in + margin_in + 1, 4.5), max(side_in + margin_in, 3.2)
    with figures.new_figure(*size_in) as figure:
        panel = figure.subplots()
        colours = matplotlib.colormaps["Blues"].with_extremes(bad="0.88")
        image = panel.imshow(share, cmap=colours, vmin=0, vmax=1)
        panel.set_xticks(
            range(len(names)), names, rotation=90, fontsize=font_pt
        )
        panel.set_yticks(range(len(names)), rows, fontsize=font_pt)
        panel.set(xlabel="predicted", ylabel="true (recordings)")
        panel.set_title(f"{title}: recordings")
        # Lines between the cells lead from a cell to its name.
        edges = np.arange(len(names) + 1) - 0.5
        panel.set_xticks(edges, minor=True)
        panel.set_yticks(edges, minor=True)
        panel.tick_params(which="both", length=0)
        panel.grid(which="minor", color="0.85", linewidth=0.4, alpha=1)
        for row, column in np.argwhere(counts):
            count = str(counts[row, column])
            digit_pt = 1.55 * cell_in * _POINTS_PER_INCH / len(count)
            panel.text(
                column,
                row,
                count,
                ha="center",
                va="center",
                fontsize=min(font_pt, digit_pt),
                color="white" if share[row, column] > 0.55 else "black",
                in_layout=False,  # the layout of thousands takes long
            )
        bar = figure.colorbar(image, fraction=0.03, pad=0.02, aspect=30)
        bar.set_label("share of the true class")
        figures.save_png(figure, path)


def draw_curves(
    points: Sequence[Mapping[str, Any]],
    title: str,
    path: str | os.PathLike[str],
) -> None:
    """Draws precision against recall and both against the threshold, a PNG.

    Args:
        points: rows of `metrics.curves`.
        title: above the figure.
        path: of the PNG.
    """
    curves = curves_of_classes(points)
    pooled = columns_of(points, ALL_CLASSES)
    with figures.new_figure(13, 4.4) as figure:
        panels = figure.subplots(1, 3)
        plot_precision_recall(panels[0], pooled, curves)
        plot_thresholds(panels[1], pooled)
        _plot_steps(panels[2], pooled, "f1", **_pooled_style())
        for name, style in _styles(curves).items():
            _plot_steps(panels[2], curves[name], "f1", **style)
        panels[0].set_title("precision and recall")
        panels[1].set_title("all classes")
        panels[1].legend()
        _set_axes(panels[2], "threshold on the probability", "F1")
        panels[2].set_title("F1 per class")
        few = len(curves) <= COLOURED_CLASSES
        figure.legend(
            *panels[0].get_legend_handles_labels(),
            loc="outside right center",
            fontsize=9,
            title=None
            if few
            else f"of {len(curves)} classes\n"
            f"the {WORST_CLASSES} of lowest peak F1",
        )
        figure.suptitle(title)
        figures.save_png(figure, path)


def columns_of(
    points: Sequence[Mapping[str, Any]], name: str
) -> dict[str, list[float]]:
    """The columns of one class's curve.

    Args:
        points: rows of `metrics.curves`.
        name: of the class, or `ALL_CLASSES`.
    """
    rows = [point for point in points if point["class"] == name]
    keys = ("threshold", "precision", "recall", "f1")
    return {key: [row[key] for row in rows] for key in keys}


def curves_of_classes(
    points: Sequence[Mapping[str, Any]],
) -> dict[str, dict[str, list[float]]]:
    """{class: columns of its curve}, without all classes together."""
    names = dict.fromkeys(point["class"] for point in points)
    return {n: columns_of(points, n) for n in names if n != ALL_CLASSES}


def plot_precision_recall(
    panel: Any,
    pooled: Mapping[str, list[float]],
    curves: Mapping[str, Mapping[str, list[float]]],
) -> None:
    """Plots precision against recall, of all classes together and of each."""
    panel.plot(pooled["recall"], pooled["precision"], **_pooled_style())
    for name, style in _styles(curves).items():
        curve = curves[name]
        panel.plot(curve["recall"], curve["precision"], **style)
    _set_axes(panel, "recall", "precision")


def plot_thresholds(panel: Any, curve: Mapping[str, list[float]]) -> None:
    """Plots precision, recall and F1 against the threshold."""
    _plot_steps(panel, curve, "precision", label="precision")
    _plot_steps(panel, curve, "recall", label="recall")
    _plot_steps(panel, curve, "f1", label="F1", color=_text_color())
    _set_axes(panel, "threshold on the probability", "score")


def _plot_steps(
    panel: Any, curve: Mapping[str, list[float]], key: str, **style: Any
) -> None:
    # Each value holds from the next lower threshold on.
    panel.step(curve["threshold"], curve[key], where="pre", **style)


def _set_axes(panel: Any, x_label: str, y_label: str) -> None:
    panel.set(xlabel=x_label, ylabel=y_label)
    panel.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
    panel.grid(True)


def _text_color() -> str:
    """Black in a file; the color of the text on a page."""
    import matplotlib

    return matplotlib.rcParams["text.color"]


def _pooled_style() -> dict[str, Any]:
    style = {"linewidth": 2.2, "zorder": 4, "label": "all classes"}
    return style | {"color": _text_color()}


def _styles(
    curves: Mapping[str, Mapping[str, list[float]]],
) -> dict[str, dict[str, Any]]:
    """The style of each class's lines: all in colour, or only the worst."""
    if len(curves) <= COLOURED_CLASSES:
        named, rest = list(curves), []
    else:
        worst = sorted(curves, key=lambda name: max(curves[name]["f1"]))
        named, rest = worst[:WORST_CLASSES], worst[WORST_CLASSES:]
    styles = {
        name: {
            "color": f"C{number}",
            "linewidth": 1.2,
            "zorder": 3,
            "label": _shorten(name),
        }
        for number, name in enumerate(named)
    }
    styles |= {name: {"color": "0.8", "linewidth": 0.7} for name in rest}
    if rest:
        styles[rest[0]]["label"] = "the others"
    return styles


def _shorten(name: str) -> str:
    """The start and the end of a name: similar names differ there."""
    if len(name) <= _MAX_NAME_LENGTH:
        return name
    half = (_MAX_NAME_LENGTH - 1) // 2
    return f"{name[:half]}…{name[-half:]}"
