"""Which classes the model confuses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from audio_diffstride.report import svg

_MAX_CLASSES_IN_TABLE = 16  # the matrix of more classes is a picture
_MAX_CONFUSIONS = 10


def describe(task: str, scores: Mapping[str, Any]) -> dict[str, Any]:
    """The confusion matrix and the most frequent confusions.

    Args:
        task: the name.
        scores: the task's part of an evaluation.

    Returns:
        "picture": of a large matrix, else None. "matrix": of a small one, a
        (class, cells) per row; a cell is a count and its share of the row.
        "frequent": rows of true class, predicted class, count and share.
    """
    classes = scores["classes"]
    matrix = scores.get("confusion_matrix", [])
    totals = [max(1, sum(row)) for row in matrix]
    shares = [[n / total for n in row] for row, total in zip(matrix, totals)]
    large = len(matrix) > _MAX_CLASSES_IN_TABLE
    wrong = [
        (classes[true], classes[predicted], count, shares[true][predicted])
        for true, row in enumerate(matrix)
        for predicted, count in enumerate(row)
        if count and true != predicted
    ]
    wrong.sort(key=lambda row: -row[2])
    return {
        "picture": _plot(shares, task) if large else None,
        "matrix": [
            (name, list(zip(*rows)))
            for name, *rows in zip(classes, matrix, shares)
        ],
        "frequent": wrong[:_MAX_CONFUSIONS],
    }


def _plot(shares: Sequence[Sequence[float]], task: str) -> Markup:
    with svg.new_axes(5.2, 4.4) as (figure, axes):
        image = axes.imshow(shares, cmap="viridis", vmin=0, vmax=1)
        axes.set_xlabel("predicted class (number in the table)")
        axes.set_ylabel("true class")
        ticks = range(0, len(shares), math.ceil(len(shares) / 10))
        axes.set_xticks(ticks, [str(tick + 1) for tick in ticks])
        axes.set_yticks(ticks, [str(tick + 1) for tick in ticks])
        figure.colorbar(image, label="share of the true class")
        return svg.to_svg(
            figure,
            f"Confusion matrix of {task}, {len(shares)} classes; the "
            "most frequent confusions are in the table beside it.",
        )
