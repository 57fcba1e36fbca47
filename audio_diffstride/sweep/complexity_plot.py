"""Accuracy against cost, a point per run: the paper's Figure 4."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from audio_diffstride.config.arms import ARMS
from audio_diffstride.files import figures
from audio_diffstride.sweep.results import Result

# Arms differ in marker and in colour, so that they can be told apart without
# colour.
MARKERS = "os^Dv*XP<"

_Cost = Callable[[Result], float]


def draw(results: list[Result], path: str | os.PathLike[str]) -> None:
    """Draws accuracy against J and against multiply-adds, as a PNG.

    A row of panels is a task, a marker an arm.

    Args:
        results: at least one.
        path: of the PNG.
    """
    import matplotlib.figure

    tasks = list(dict.fromkeys(t for r in results for t in r.accuracies))
    figure = matplotlib.figure.Figure(
        figsize=(9, 0.8 + 3 * len(tasks)), layout="constrained"
    )
    panels = figure.subplots(len(tasks), 2, sharey="row", squeeze=False)
    costs: dict[str, _Cost] = {
        "complexity J": lambda r: r.complexity,
        "multiply-adds per example (millions)": lambda r: r.multiply_adds / 1e6,
    }
    for task, row in zip(tasks, panels):
        of_task = [r for r in results if task in r.accuracies]
        for panel, (label, cost) in zip(row, costs.items()):
            _plot_runs(panel, of_task, task, cost)
            panel.set_xlabel(label)
            panel.grid(alpha=0.3)
            panel.spines[["top", "right"]].set_visible(False)
        name = of_task[0].score_name([task])
        row[0].set_ylabel(f"{task}: {name} (%)", parse_math=False)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    varied = ", ".join(results[0].run.varied)
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=5,
        title=f"numbers: {varied}" if varied else None,
    )
    figures.save_png(figure, path)


def _plot_runs(
    panel: Any, results: list[Result], task: str, cost: _Cost
) -> None:
    arms = list(dict.fromkeys(result.run.arm for result in results))
    for number, arm in enumerate(arms):
        chosen = [r for r in results if r.run.arm == arm]
        panel.plot(
            [cost(r) for r in chosen],
            [r.accuracies[task] for r in chosen],
            linestyle="none",
            marker=MARKERS[number % len(MARKERS)],
            color=f"C{number}",
            markerfacecolor="none",
            label=ARMS[arm].title,
        )
        if ARMS[arm].learns_strides:
            _annotate_varied(panel, chosen, task, cost)


def _annotate_varied(
    panel: Any, results: list[Result], task: str, cost: _Cost
) -> None:
    """Writes the values of the varied fields beside each run."""
    for result in results:
        panel.annotate(
            ", ".join(result.run.varied.values()),
            (cost(result), result.accuracies[task]),
            xytext=(5, 4),
            textcoords="offset points",
            fontsize=7,
            color="0.3",
            parse_math=False,
        )
