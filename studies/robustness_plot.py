"""Accuracy against noise, and unsteady decisions against shifts."""

from __future__ import annotations

import itertools
import os
from typing import Any

from audio_diffstride.config.arms import ARMS, in_order
from audio_diffstride.files import figures
from audio_diffstride.sweep.complexity_plot import MARKERS
from studies import robustness_values
from studies.robustness_values import Values
from studies.sound_changes import NOISE, SNRS_DB, UNCHANGED


def draw(
    accuracies: dict[str, Values],
    changed: dict[str, Values],
    path: str | os.PathLike[str],
) -> None:
    """Draws two panels for each row: means over folds, a line for each arm.

    Args:
        accuracies: {title: values} in %, by the change.
        changed: {title: values}, decisions that change in %, by the hops.
        path: of the PNG.
    """
    arms = in_order(itertools.chain(*accuracies.values()))
    with figures.new_figure(1 + 3.4 * len(accuracies), 6.2) as figure:
        panels = figure.subplots(2, len(accuracies), squeeze=False)
        for (above, below), title in zip(panels.T, accuracies):
            above.set_title(title)
            _draw_noise(above, accuracies[title], arms)
            _draw_shifts(below, changed[title], arms)
        for panel in panels.flat:
            panel.set_ylim(bottom=0)
        panels[0, 0].set_ylabel("accuracy in %")
        panels[1, 0].set_ylabel("decisions that change, in %")
        lines, labels = panels[0, 0].get_legend_handles_labels()
        columns = 1 + len(accuracies)
        figure.legend(lines, labels, loc="outside lower center", ncols=columns)
        figures.save_png(figure, path)


def _draw_noise(panel: Any, values: Values, arms: list[str]) -> None:
    keys = [*(NOISE.format(snr) for snr in reversed(SNRS_DB)), UNCHANGED]
    ticks = [*map(str, reversed(SNRS_DB)), "none"]
    for arm in values:
        panel.plot(_means(values, arm, keys), **_style(arm, arms))
    panel.set_xticks(range(len(keys)), ticks)
    panel.set_xlabel("signal to white noise in dB")
    panel.grid(axis="y")


def _draw_shifts(panel: Any, values: Values, arms: list[str]) -> None:
    for arm, of_arm in values.items():
        keys = [*next(iter(of_arm.values()))]
        shifts_ms = [10 * int(hops) for hops in keys]
        panel.plot(shifts_ms, _means(values, arm, keys), **_style(arm, arms))
    panel.set_xticks(range(0, 161, 40))
    panel.set_xlabel("shift of the window in ms")
    panel.grid(axis="y")


def _means(values: Values, arm: str, keys: list[str]) -> list[float]:
    return [robustness_values.mean(values, arm, key) for key in keys]


def _style(arm: str, arms: list[str]) -> dict[str, Any]:
    number = arms.index(arm)
    return {
        "marker": MARKERS[number % len(MARKERS)],
        "color": f"C{number}",
        "markersize": 4,
        "label": ARMS[arm].title,
    }
