"""How the training went: losses, accuracies and strides."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from audio_diffstride import cutoffs
from audio_diffstride.cutoffs import stride_plot
from audio_diffstride.files import csv_files
from audio_diffstride.report import svg
from audio_diffstride.report.run import Run
from audio_diffstride.runs import layout, stride_history

# Name, values and style.
_Line = tuple[str, list[float], dict[str, str]]


def curves(run: Run) -> dict[str, Any] | None:
    """Losses and accuracies per epoch; None before the end of the first.

    Returns:
        "pictures": (name, picture) each; "header" and "rows": the same as a
        table.
    """
    try:
        history = csv_files.read_numbers(
            run.workdir / layout.HISTORY,
            ["epoch"],
            "delete it for a page without curves, or restore it",
        )
    except FileNotFoundError:
        return None
    epochs = [epoch + 1 for epoch in history.pop("epoch")]
    pictures = []
    for kind, label, scale in (
        ("loss", "loss", 1),
        ("accuracy", "accuracy (%)", 100),
        ("average_precision", "mean average precision (%)", 100),
    ):
        lines = list(_lines(history, run.model.tasks, kind, scale))
        if lines:
            pictures.append((label, _plot(epochs, lines, label)))
    rows = [
        (f"{epoch:.0f}", *(_number(values[i]) for values in history.values()))
        for i, epoch in enumerate(epochs)
    ]
    return {"pictures": pictures, "header": ["epoch", *history], "rows": rows}


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}"


def _lines(
    history: Mapping[str, Sequence[float]],
    tasks: Collection[str],
    kind: str,
    scale: float,
) -> Iterator[_Line]:
    """Name, values and style per column: a colour per task, training dashed."""
    several = len(tasks) > 1
    colors = {task: number for number, task in enumerate(tasks)}
    colors[""] = len(tasks) if several else 0
    for column, values in history.items():
        task, part, line = column, "training", "--"
        if column.startswith("val_"):
            task, part, line = column[4:], "validation", "-"
        if task != kind and not task.endswith(f"_{kind}"):
            continue
        task = task.removesuffix(kind).removesuffix("_")
        if task in colors:
            name = f"{task or ('all tasks,' if several else '')} {part}"
            style = {"color": f"C{colors[task] % 6}", "linestyle": line}
            yield name.strip(), [scale * value for value in values], style


def _plot(
    epochs: Sequence[float], lines: Sequence[_Line], label: str
) -> Markup:
    with svg.new_axes() as (figure, axes):
        for name, values, style in lines:
            axes.plot(
                epochs, values, label=name, marker="o", markersize=3, **style
            )
        axes.set(xlabel="epoch", ylabel=label)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(True)
        figure.legend(loc="outside lower left", ncols=2)
        ranges = "; ".join(
            f"{name} from {values[0]:.3g} to {values[-1]:.3g}"
            for name, values, _ in lines
        )
        return svg.to_svg(figure, f"{label}: {ranges}.")


def strides(run: Run) -> list[tuple[str, Markup]]:
    """(axis, picture of its strides) each; none without a strides.csv."""
    try:
        columns = stride_history.read(run.workdir)
    except FileNotFoundError:
        return []
    return [
        (axis, _plot_strides(columns, axis, "stride", "Strides"))
        for axis in cutoffs.AXES
    ]


def folding(run: Run) -> list[tuple[str, Markup]]:
    """(axis, picture of its folding) each; none if the run does not fold."""
    try:
        columns = stride_history.read_folding(run.workdir)
    except FileNotFoundError:
        return []
    if not columns:
        return []
    return [
        (axis, _plot_strides(columns, axis, "share folded back", "Folding"))
        for axis in cutoffs.AXES
    ]


def _plot_strides(
    columns: Mapping[str, list[float]], axis: str, ylabel: str, name: str
) -> Markup:
    with svg.new_axes(height_in=3.2) as (figure, axes):
        ends = stride_plot.plot_axis(axes, [columns], axis, ylabel)
        stride_plot.name_lines(axes, ends)
        ranges = "; ".join(
            f"{block} from {columns[f'{block}_{axis}'][0]:.2f} to {end:.2f}"
            for block, end in ends.items()
        )
        return svg.to_svg(
            figure, f"{name} along {axis} during training: {ranges}."
        )
