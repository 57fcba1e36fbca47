"""ImageContent of scores: a confusion matrix, curves against the threshold."""

from __future__ import annotations

import contextlib
import pathlib
import warnings

import numpy as np

from audio_diffstride.evaluation.metrics import ALL_CLASSES
from audio_diffstride.files import atomic

# More classes than that are thin grey lines but for the worst.
COLOURED_CLASSES = 10
WORST_CLASSES = 5
_LONGEST_NAME = 24
_POINTS_PER_INCH = 72
_DPI = 150


def draw_confusion(
    matrix, classes: list[str], title: str, path: str | pathlib.Path
):
    """Draws a confusion matrix as a PNG, of a size that follows its classes.

    Rows are true classes with their recordings, columns predicted ones; the
    number is recordings, the colour their share of the row.

    Args:
        matrix: recordings of shape (classes, classes).
        classes: the names, by index.
        title: above the picture.
        path: of the PNG.
    """
    import matplotlib.colors

    matrix = np.asarray(matrix)
    support = matrix.sum(axis=1)
    share = np.ma.masked_invalid(
        np.divide(
            matrix,
            support[:, None],
            out=np.full(matrix.shape, np.nan),
            where=support[:, None] > 0,
        )
    )
    # From roomy cells for two classes to the smallest that can be read.
    cell_in = float(np.clip(7 / len(classes), 0.15, 0.55))
    font_pt = min(10.0, 0.58 * cell_in * _POINTS_PER_INCH)
    names = [_shorten(name) for name in classes]
    rows = [f"{name} ({count})" for name, count in zip(names, support)]
    # What the names and the colour bar take, beside the cells.
    margin_in = 0.65 * font_pt * max(map(len, rows)) / _POINTS_PER_INCH + 1
    side_in = cell_in * len(classes)
    figure = _figure(
        max(side_in + margin_in + 1, 4.5), max(side_in + margin_in, 3.2)
    )
    panel = figure.subplots()
    colours = matplotlib.colormaps["Blues"].with_extremes(bad="0.88")
    image = panel.imshow(share, cmap=colours, vmin=0, vmax=1)
    text = {"fontsize": font_pt, "parse_math": False}
    panel.set_xticks(range(len(names)), names, rotation=90, **text)
    panel.set_yticks(range(len(names)), rows, **text)
    panel.tick_params(length=0)
    panel.set_xlabel("predicted")
    panel.set_ylabel("true (recordings)")
    panel.set_title(f"{title}: recordings", parse_math=False, fontsize=11)
    # A line between cells, so that a far cell can be followed to its name.
    edges = np.arange(len(names) + 1) - 0.5
    panel.set_xticks(edges, minor=True)
    panel.set_yticks(edges, minor=True)
    panel.tick_params(which="minor", length=0)
    panel.grid(which="minor", color="0.85", linewidth=0.4)
    for row, column in np.argwhere(matrix):
        count = str(matrix[row, column])
        panel.text(
            column,
            row,
            count,
            ha="center",
            va="center",
            # As many digits as there are fit into the cell.
            fontsize=min(
                font_pt, 1.55 * cell_in * _POINTS_PER_INCH / len(count)
            ),
            color="white" if share[row, column] > 0.55 else "black",
            in_layout=False,  # cells make no room; thousands take long
        )
    bar = figure.colorbar(image, fraction=0.03, pad=0.02, aspect=30)
    bar.set_label("share of the true class")
    _save(figure, path)


def draw_curves(points: list[dict], title: str, path: str | pathlib.Path):
    """Draws precision against recall and both against the threshold, a PNG.

    Args:
        points: rows of `metrics.curves`.
        title: above the picture.
        path: of the PNG.
    """
    figure = _figure(13, 4.4)
    panels = figure.subplots(1, 3)
    curves = {}
    for point in points:
        curves.setdefault(point["class"], []).append(point)
    columns = {
        name: {key: [row[key] for row in rows] for key in rows[0]}
        for name, rows in curves.items()
    }
    pooled = columns.pop(ALL_CLASSES)
    whole = {"color": "black", "linewidth": 2.2, "label": "all classes"}
    styles = {ALL_CLASSES: {**whole, "zorder": 4}, **_styles(columns)}
    for name, style in styles.items():
        curve = pooled if name == ALL_CLASSES else columns[name]
        panels[0].plot(curve["recall"], curve["precision"], **style)
        # What a threshold gives holds from the next one below it on.
        panels[2].step(curve["threshold"], curve["f1"], where="pre", **style)
    for key, label in (("precision",) * 2, ("recall",) * 2, ("f1", "F1")):
        panels[1].step(
            pooled["threshold"],
            pooled[key],
            where="pre",
            color="black" if key == "f1" else None,
            label=label,
        )
    _label(panels[0], "precision and recall", "recall", "precision")
    _label(panels[1], "all classes", "threshold on the probability", "score")
    _label(panels[2], "F1 per class", "threshold on the probability", "F1")
    panels[1].legend(frameon=False)
    handles, labels = panels[0].get_legend_handles_labels()
    legend = figure.legend(
        handles,
        labels,
        loc="outside right center",
        frameon=False,
        fontsize=9,
        title=(
            f"of {len(columns)} classes\nthe {WORST_CLASSES} of lowest peak F1"
            if len(columns) > COLOURED_CLASSES
            else None
        ),
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    figure.suptitle(title, parse_math=False, fontsize=11)
    _save(figure, path)


def _styles(columns: dict[str, dict]) -> dict[str, dict]:
    """How to draw each class: few in colour; of many, the worst ones."""
    if len(columns) <= COLOURED_CLASSES:
        named, rest = list(columns), []
    else:
        worst = sorted(columns, key=lambda name: max(columns[name]["f1"]))
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
    """Its two ends, where names that are alike differ."""
    if len(name) <= _LONGEST_NAME:
        return name
    half = (_LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _label(panel, title: str, x: str, y: str):
    panel.set_title(title, loc="left", fontsize=10)
    panel.set_xlabel(x)
    panel.set_ylabel(y)
    panel.set_xlim(-0.02, 1.02)
    panel.set_ylim(-0.02, 1.04)
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)


def _figure(width_in: float, height_in: float):
    import matplotlib.figure

    return matplotlib.figure.Figure(
        figsize=(width_in, height_in), layout="constrained"
    )


def _save(figure, path):
    with _unknown_letters_allowed(), atomic.atomic_path(path) as partial:
        figure.savefig(partial, dpi=_DPI, format="png")


@contextlib.contextmanager
def _unknown_letters_allowed():
    """A class name in a script that the font lacks is boxes, not a warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield
