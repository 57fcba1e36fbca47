"""Part "growth": time and memory against window length, batch and width."""

from __future__ import annotations

import argparse
import os
from typing import Any

from audio_diffstride.benchmark import memory, network, tables
from audio_diffstride.benchmark.timing import interleaved

ARMS = ("strided_conv", "inside", "scale-free", "outside")
START: dict[str, Any] = {"seconds": 1.0, "batch_size": 4, "width": 0.25}
VALUES: dict[str, tuple] = {
    "seconds": (1.0, 3.0, 10.0, 30.0),
    "batch_size": (4, 16, 64),
    "width": (0.25, 0.5, 1.0),
}


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures, prints a table, and draws a figure beside --output."""
    rows = measure(args.repetitions)
    tables.print_table(
        "Growth of a training step with length, batch and width",
        rows,
        {
            "arm": tables.text("arm"),
            "length s": lambda row: f"{row['seconds']:g}",
            "batch": tables.text("batch_size"),
            "width": lambda row: f"{row['width']:g}",
            "training ms": tables.number("training_ms", 0),
            "per second": tables.number("ms_per_second"),
            "peak MB": tables.number("peak_mb", 0),
            "MB per second": tables.number("mb_per_second"),
        },
    )
    if args.output:
        draw(rows, args.output.with_suffix(".png"))
    return rows


def settings() -> list[dict[str, Any]]:
    """The start, and the start with one of the three changed."""
    every = [
        {**START, name: value}
        for name, values in VALUES.items()
        for value in values
    ]
    return [s for number, s in enumerate(every) if s not in every[:number]]


def measure(repetitions: int) -> list[tables.Row]:
    """One row per setting and arm: milliseconds and megabytes of a step.

    Args:
        repetitions: three times how often each is timed, at least 9.
    """
    rows: list[tables.Row] = []
    for setting in settings():
        times = interleaved(
            {arm: network.training_step(arm, **setting) for arm in ARMS},
            max(3, repetitions // 3),
        )
        audio_s = setting["seconds"] * setting["batch_size"]
        for arm, seconds in times.items():
            peak_bytes = memory.peak_bytes(
                f"{network.__name__}:training_step", arm=arm, **setting
            )
            rows.append(
                {
                    "arm": arm,
                    **setting,
                    "training_ms": 1000 * seconds,
                    "ms_per_second": 1000 * seconds / audio_s,
                    "peak_mb": peak_bytes and peak_bytes / 1e6,
                    "mb_per_second": peak_bytes and peak_bytes / 1e6 / audio_s,
                }
            )
    return rows


def draw(rows: list[tables.Row], path: str | os.PathLike[str]) -> None:
    """Draws time and memory against length, batch and width, on log axes.

    Args:
        rows: of `measure`.
        path: of the PNG.
    """
    from matplotlib import ticker
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.5), layout="constrained")
    axes = figure.subplots(2, 3, sharey="row")
    labels = {
        "seconds": "length of the windows (s)",
        "batch_size": "batch",
        "width": "width",
    }
    for column, name in enumerate(VALUES):
        fixed = {k: v for k, v in START.items() if k != name}
        for row, (quantity, unit) in enumerate(
            (("training_ms", "training step (ms)"), ("peak_mb", "peak (MB)"))
        ):
            ax = axes[row, column]
            for arm in ARMS:
                points = [
                    (r[name], r[quantity])
                    for r in rows
                    if r["arm"] == arm
                    and r[quantity]
                    and all(r[k] == v for k, v in fixed.items())
                ]
                ax.loglog(*zip(*points), marker="o", markersize=3, label=arm)
            ax.set_xticks(
                VALUES[name], [f"{value:g}" for value in VALUES[name]]
            )
            ax.xaxis.set_minor_locator(ticker.NullLocator())
            ax.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
            ax.yaxis.set_minor_locator(ticker.NullLocator())
            ax.grid(alpha=0.3)
            if row:
                ax.set_xlabel(labels[name])
            if not column:
                ax.set_ylabel(unit)
    axes[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=130)
