"""Part "recipe": training as in the paper, on any backend.

It needs NumPy, Keras and one backend only.
"""

from __future__ import annotations

import argparse
import functools
import tempfile

from audio_diffstride.benchmark import (
    arms,
    fit_steps,
    input_side,
    memory,
    tables,
    timing,
)
from audio_diffstride.benchmark.fit_steps import SAME_BATCH

# A multiply-add is two operations. A step has a forward pass and two products
# of its size backward.
FLOPS_PER_MULTIPLY_ADD = 2 * 3


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures every precision and width, then the input side."""
    all_rows, batch = [], args.batch or 256
    names = args.arms or arms.names(args.released)
    for precision in args.precision:
        dtype = precision.removeprefix("mixed_")
        rate = timing.matmul_rate(dtype, args.matrix_size)
        print(f"\n{dtype} products: {2 * rate / 1e12:.3g} TFLOP/s")
        for width in args.width or (1.0,):
            rows = measure(
                names,
                width,
                batch,
                precision,
                args.steps,
                args.repetitions,
                rate,
            )
            _print_arms(
                f"Training, {precision}, width {width:g}, batch {batch}", rows
            )
            setting = {"precision": precision, "width": width, "batch": batch}
            setting["matmul_flops_per_s"] = 2 * rate
            all_rows += [{**setting, **row} for row in rows]
    rows = input_side.measure(batch, args.repetitions)
    tables.print_table(
        f"Input, batches of {batch}",
        rows,
        {
            "what": tables.text("what"),
            "windows/s": tables.number("windows_per_s", 0),
            "steps/s": tables.number("windows_per_s", unit=batch),
        },
    )
    return all_rows + rows


def _print_arms(title: str, rows: list[tables.Row]) -> None:
    tables.print_table(
        title,
        rows,
        {
            "arm": tables.text("arm"),
            "steps/s": tables.number("steps_per_s", 2),
            "ms": tables.number("training_ms"),
            "time": tables.ratio("training_ms", rows[0]),
            "peak MB": tables.number("peak_mb", 0),
            "10^6 mult-adds": tables.number("multiply_adds", 0, unit=1e6),
            "utilisation": tables.number("utilisation", 0, 0.01, " %"),
            # 10^6 steps of 3.6 ms take one hour.
            "10^6 steps, h": tables.number("training_ms", unit=3.6),
        },
    )


def measure(
    names: list[str],
    width: float,
    batch_size: int,
    precision: str,
    steps: int,
    repetitions: int,
    rate: float,
) -> list[dict]:
    """One row per arm, then those of `arms.CONVOLUTIONS` and `SAME_BATCH`.

    Args:
        names: of the arms.
        width: factor on the channels.
        batch_size: windows of one second per step.
        precision: "float32" or "mixed_bfloat16".
        steps: how many are timed in a row.
        repetitions: how often they are timed.
        rate: multiply-adds per second of large products in this precision.

    Returns:
        Rows of milliseconds, steps per second, megabytes, and multiply-adds
        of a forward pass of one window. `utilisation` is the share of the
        rate that a step reaches.
    """
    names = [*names, arms.CONVOLUTIONS, SAME_BATCH]
    peaks_bytes = {
        name: memory.peak_bytes(
            f"{fit_steps.__name__}:few_steps",
            name=name,
            width=width,
            batch_size=batch_size,
            precision=precision,
        )
        for name in names
    }
    with tempfile.TemporaryDirectory() as folder:
        clips = input_side.noise_store(folder).examples("train")
        drawn = input_side.training_windows(clips, batch_size)
        same = input_side.SameBatch(clips, batch_size)
        make = functools.partial(
            fit_steps.timed_steps, width=width, precision=precision, steps=steps
        )
        fits = {
            name: make(name, same if name == SAME_BATCH else drawn)
            for name in names
        }
        steps_s = timing.in_turns(fits, repetitions, warm_up=1)
    return [
        _row(n, steps_s[n], peaks_bytes[n], width, batch_size, rate)
        for n in names
    ]


def _row(
    name: str,
    step_s: float,
    peak_bytes: int | None,
    width: float,
    batch_size: int,
    rate: float,
) -> tables.Row:
    is_strided = name in (arms.CONVOLUTIONS, SAME_BATCH)
    count = arms.count_multiply_adds(
        "strided_conv" if is_strided else name, width
    )
    reached = count and count * batch_size * FLOPS_PER_MULTIPLY_ADD / step_s
    return {
        "arm": name,
        "training_ms": 1000 * step_s,
        "steps_per_s": 1 / step_s,
        "peak_mb": peak_bytes and peak_bytes / 1e6,
        "multiply_adds": count,
        "utilisation": reached and reached / (2 * rate),
    }
