"""Part "network": a training step and a forward pass of every arm."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np

from audio_diffstride.benchmark import arms, memory, tables, timing

# A training step is a forward pass and two products of its size backward.
PASSES_PER_STEP = 3


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures every width, and prints a table for each."""
    rate = timing.matmul_rate()
    print(f"\nmatrix products: {rate / 1e9:.0f} billion multiply-adds/s")
    all_rows, batch = [], args.batch or 16
    for width in args.width or (1.0, 0.25):
        rows = measure(width, batch, args.repetitions, rate, args.released)
        strided = rows[0]
        tables.print_table(
            f"The audio network, width {width:g}, batch {batch}",
            rows,
            {
                "arm": tables.text("arm"),
                "training ms": tables.number("training_ms", 0),
                "time": tables.ratio("training_ms", strided),
                "forward ms": tables.number("forward_ms", 0),
                "forward": tables.ratio("forward_ms", strided),
                "peak MB": tables.number("peak_mb", 0),
                "memory": tables.ratio("peak_mb", strided),
                "10^6 mult-adds": tables.number("multiply_adds", 0, unit=1e6),
                "of peak": tables.number("share_of_rate", 0, 0.01, " %"),
            },
        )
        all_rows += [{"width": width, **row} for row in rows]
    return all_rows


def measure(
    width: float,
    batch_size: int,
    repetitions: int,
    rate: float,
    released: arms.Path | None = None,
) -> list[tables.Row]:
    """One row per arm, the strided one first.

    Args:
        width: factor on the channels.
        batch_size: windows of one second per step.
        repetitions: how often each is timed.
        rate: multiply-adds per second that this machine reaches.
        released: path of a checkout of the released code, or None.

    Returns:
        Rows of milliseconds, megabytes, and multiply-adds of a forward pass.
        `share_of_rate` is the share that a training step reaches.
    """
    released = released and str(released)
    setting: dict[str, Any] = {
        "width": width,
        "batch_size": batch_size,
        "released": released,
    }
    names = arms.names(released)
    training_s, forward_s = (
        timing.interleaved({n: make(n, **setting) for n in names}, repetitions)
        for make in (training_step, forward_pass)
    )
    rows = []
    for name in names:
        peak_bytes = memory.peak_bytes(
            f"{__name__}:training_step", arm=name, **setting
        )
        count = arms.count_multiply_adds(name, width)
        reached = (
            count and PASSES_PER_STEP * count * batch_size / training_s[name]
        )
        rows.append(
            {
                "arm": name,
                "training_ms": 1000 * training_s[name],
                "forward_ms": 1000 * forward_s[name],
                "peak_mb": peak_bytes and peak_bytes / 1e6,
                "multiply_adds": count,
                "share_of_rate": reached and reached / rate,
            }
        )
    return rows


def training_step(
    arm: str,
    width: float,
    batch_size: int,
    seconds: float = 1.0,
    released: arms.Path | None = None,
    precision: str = "float32",
) -> Callable[[], object]:
    """One step of Adam on random waveforms, as a function.

    Args:
        arm: one of `arms.names`.
        width: factor on the channels.
        batch_size: windows per step.
        seconds: the length of a window.
        released: path of a checkout, for the arm "released".
        precision: a Keras dtype policy.
    """
    model = arms.compiled_classifier(arm, width, released, precision)
    x, y = _random_batch(batch_size, seconds)
    return lambda: model.train_on_batch(x, y)


def forward_pass(
    arm: str,
    width: float,
    batch_size: int,
    seconds: float = 1.0,
    released: arms.Path | None = None,
    precision: str = "float32",
) -> Callable[[], object]:
    """The logits of random waveforms, as a function; see `training_step`."""
    model = arms.compiled_classifier(arm, width, released, precision)
    x, _ = _random_batch(batch_size, seconds)
    return lambda: model.predict_on_batch(x)


def _random_batch(
    batch_size: int, seconds: float
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rng = np.random.default_rng(0)
    waveforms = rng.normal(0, 3000, (batch_size, round(16000 * seconds)))
    return waveforms.astype("int16"), {"class": rng.integers(0, 10, batch_size)}
