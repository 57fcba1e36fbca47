"""Figures of how the strides change during training."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from audio_diffstride.errors import UserError
from audio_diffstride.files import figures
from audio_diffstride.runs import stride_history

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The columns of a strides.csv: "step", "block1_time" and so on.
History = Mapping[str, Sequence[float]]


def draw(
    workdirs: Sequence[str | os.PathLike[str]], path: str | os.PathLike[str]
) -> None:
    """Draws every stride against the training step, as a PNG.

    Args:
        workdirs: runs with a strides.csv. The same block has the same colour
            in each.
        path: of the PNG.
    """
    runs = [history(workdir) for workdir in workdirs]
    with figures.new_figure(*_size_in(runs)) as figure:
        _plot(figure, runs)
        figures.save_png(figure, path)


def for_notebook(runs: Sequence[History]) -> Figure:
    """The same picture as a figure that a notebook shows."""
    return figures.for_notebook(
        *_size_in(runs), lambda figure: _plot(figure, runs)
    )


def _axes(runs: Sequence[History]) -> list[str]:
    names = [name for name in runs[0] if name != "step"]
    return list(dict.fromkeys(name.rpartition("_")[2] for name in names))


def _size_in(runs: Sequence[History]) -> tuple[float, float]:
    return 0.5 + 4.2 * len(_axes(runs)), 3.6


def _plot(figure: Figure, runs: Sequence[History]) -> None:
    axes = _axes(runs)
    panels = figure.subplots(1, len(axes), sharey=True, squeeze=False)[0]
    ends = [plot_axis(p, runs, axis) for p, axis in zip(panels, axes)]
    for panel, means in zip(panels, ends):
        name_lines(panel, means)


def plot_axis(
    panel: Any, runs: Sequence[History], axis: str, ylabel: str = "stride"
) -> dict[str, float]:
    """Plots the strides, or the folding, of all blocks along one axis.

    Args:
        panel: matplotlib's axes to draw in.
        runs: the strides of each run, or its folding.
        axis: such as "time".
        ylabel: what the values are.

    Returns:
        {block: value at the last step, the mean over the runs}.
    """
    ends: dict[str, list[float]] = {}
    for columns in runs:
        for name, values in columns.items():
            block, _, its_axis = name.rpartition("_")
            if its_axis == axis:
                ends.setdefault(block, []).append(values[-1])
                style = line_style(list(ends).index(block))
                panel.plot(columns["step"], values, **style)
    panel.set(xlabel="training step", ylabel=ylabel, title=f"along {axis}")
    panel.grid(True)
    return {block: sum(last) / len(last) for block, last in ends.items()}


def name_lines(panel: Any, ends: Mapping[str, float]) -> None:
    """Writes each block's name at the end of its lines.

    Call it once all lines are drawn: their range sets the room for a name.

    Args:
        panel: with the lines of `plot_axis`.
        ends: what `plot_axis` returned.
    """
    low, high = panel.get_ylim()
    heights = spread(list(ends.values()), 0.06 * (high - low))
    for number, (block, height) in enumerate(zip(ends, heights)):
        panel.annotate(
            block,
            (1, height),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=line_style(number)["color"],
            annotation_clip=False,
        )


def line_style(number: int) -> dict[str, str]:
    """The color of a block, by its number from 0; dashed after the sixth."""
    return {"color": f"C{number % 6}", "linestyle": "--" if number > 5 else "-"}


def spread(values: Sequence[float], distance: float) -> list[float]:
    """The values, moved until neighbours are at least `distance` apart.

    Values that are too close form a cluster around their mean.

    >>> spread([2.0, 1.0, 1.0], 0.5)
    [2.0, 0.75, 1.25]
    """
    clusters: list[tuple[float, list[int]]] = []  # mean, indices of members
    for index in sorted(range(len(values)), key=lambda i: values[i]):
        clusters.append((values[index], [index]))
        while len(clusters) > 1:
            (low, below), (high, above) = clusters[-2:]
            members = below + above
            if high - low >= distance * len(members) / 2 - 1e-12:
                break
            mean = sum(values[i] for i in members) / len(members)
            clusters[-2:] = [(mean, members)]
    placed = list(values)
    for mean, members in clusters:
        for place, index in enumerate(members):
            placed[index] = mean + distance * (place - (len(members) - 1) / 2)
    return placed


def history(workdir: str | os.PathLike[str]) -> dict[str, list[float]]:
    """The strides of a run since its first step.

    Returns:
        {"step": steps, "block1_time": strides, ...}.

    Raises:
        UserError: if its strides.csv is missing or damaged.
    """
    return _read(stride_history.read, workdir)


def folding_history(
    workdir: str | os.PathLike[str],
) -> dict[str, list[float]]:
    """The folding of a run since its first step; {} if it does not fold.

    Returns:
        {"step": steps, "block1_time": shares, ...}.

    Raises:
        UserError: if its strides.csv is missing or damaged.
    """
    return _read(stride_history.read_folding, workdir)


def _read(
    read: Callable[..., dict[str, list[float]]],
    workdir: str | os.PathLike[str],
) -> dict[str, list[float]]:
    try:
        return read(workdir)
    except FileNotFoundError as error:
        raise UserError(
            f"{workdir}/strides.csv is missing: train the run first"
        ) from error
