"""Part "growth": time and memory against length, batch and width."""

from __future__ import annotations

import pathlib

from audio_diffstride.benchmark import memory, network
from audio_diffstride.benchmark.timing import interleaved

ARMS = ("strided_conv", "inside", "scale-free", "outside")
START = {"seconds": 1.0, "batch_size": 4, "width": 0.25}
STEPS = {
    "seconds": (1.0, 3.0, 10.0, 30.0),
    "batch_size": (4, 16, 64),
    "width": (0.25, 0.5, 1.0),
}


def settings() -> list[dict]:
    """From the same start, one of the three at a time."""
    every = [
        {**START, name: value}
        for name, values in STEPS.items()
        for value in values
    ]
    return [s for number, s in enumerate(every) if s not in every[:number]]


def measure(repetitions: int) -> list[dict]:
    """A row per setting and arm: milliseconds and megabytes of a step."""
    rows = []
    for setting in settings():
        times = interleaved(
            {arm: network.training_step(arm, **setting) for arm in ARMS},
            max(3, repetitions // 3),
        )
        audio_s = setting["seconds"] * setting["batch_size"]
        for arm, seconds in times.items():
            peak = memory.peak_bytes(
                f"{network.__name__}:training_step", arm=arm, **setting
            )
            rows.append(
                {
                    "arm": arm,
                    **setting,
                    "training_ms": 1000 * seconds,
                    "ms_per_second": 1000 * seconds / audio_s,
                    "peak_mb": peak and peak / 1e6,
                    "mb_per_second": peak and peak / 1e6 / audio_s,
                }
            )
    return rows


def draw(rows: list[dict], path: pathlib.Path):
    """Time and memory against length, batch and width, on log axes."""
    from matplotlib import ticker
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.5), layout="constrained")
    axes = figure.subplots(2, 3, sharey="row")
    labels = {
        "seconds": "length of the windows (s)",
        "batch_size": "batch",
        "width": "width",
    }
    for column, name in enumerate(STEPS):
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
            ax.set_xticks(STEPS[name], [f"{value:g}" for value in STEPS[name]])
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
