"""How fast the layer and the network are, and how much memory they take.

    audio-diffstride benchmark
    audio-diffstride benchmark --parts network --width 0.25
    KERAS_BACKEND=jax audio-diffstride benchmark --device gpu

Times are medians of interleaved repetitions, memory is the peak of a training
step in a process of its own. Machines differ and are noisy: read the ratios.
"""

from __future__ import annotations

import argparse

from audio_diffstride.benchmark import arguments, devices
from audio_diffstride.files import atomic
from audio_diffstride.terminal.text_table import aligned


def _print(title: str, rows: list[dict], formats: dict):
    """A table of the rows; `formats` is {column: function of a row}."""
    lines = [list(formats)]
    lines += [[make(row) for make in formats.values()] for row in rows]
    print(f"\n{title}", *aligned(lines), sep="\n", flush=True)


def _number(column: str, digits: int = 1, unit: float = 1, suffix: str = ""):
    """The number of a row, in that unit; a dash where there is none."""
    return lambda row: (
        f"{row[column] / unit:.{digits}f}{suffix}" if row[column] else "-"
    )


def _ratio(column: str, of: dict):
    """How many times that of another row."""
    return _number(column, 2, unit=of[column] or 1, suffix=" x")


def run_layers(args) -> list[dict]:
    """Part "layers"; see `layers.measure`."""
    from audio_diffstride.benchmark import layers

    rows = layers.measure(args.repetitions, args.released)
    for shape in dict.fromkeys(row["shape"] for row in rows):
        chosen = [row for row in rows if row["shape"] == shape]
        columns = {"way": lambda row: row["way"]}
        for column, name in (
            ("training_ms", "training ms"),
            ("forward_ms", "forward ms"),
            ("peak_mb", "peak MB"),
        ):
            columns[name] = _number(column)
            columns[f"{name.split()[0]} ratio"] = _ratio(column, chosen[0])
        _print(f"DiffStride alone on {shape}", chosen, columns)
    return rows


def run_blocks(args) -> list[dict]:
    """Part "blocks"; see `network.measure_blocks`."""
    from audio_diffstride.benchmark import network

    rows = network.measure_blocks(args.batch or 16, args.repetitions)
    blocks = [column for column in rows[0] if column != "arm"]
    columns = {"training ms": lambda row: row["arm"]}
    columns.update({block: _number(block) for block in blocks})
    _print("A training step of each block alone", rows, columns)
    return rows


def run_network(args) -> list[dict]:
    """Part "network"; see `network.measure`."""
    from audio_diffstride.benchmark import network
    from audio_diffstride.benchmark.timing import matmul_rate

    rate = matmul_rate()
    print(f"\nmatrix products: {rate / 1e9:.0f} billion multiply-adds/s")
    every_row, batch = [], args.batch or 16
    for width in args.width or (1.0, 0.25):
        rows = network.measure(
            width, batch, args.repetitions, rate, args.released
        )
        strided = rows[0]
        _print(
            f"The audio network, width {width:g}, batch {batch}",
            rows,
            {
                "arm": lambda row: row["arm"],
                "training ms": _number("training_ms", 0),
                "time": _ratio("training_ms", strided),
                "forward ms": _number("forward_ms", 0),
                "forward": _ratio("forward_ms", strided),
                "peak MB": _number("peak_mb", 0),
                "memory": _ratio("peak_mb", strided),
                "10^6 mult-adds": _number("multiply_adds", 0, unit=1e6),
                "of peak": _number("share_of_rate", 0, 0.01, " %"),
            },
        )
        every_row += [{"width": width, **row} for row in rows]
    return every_row


def run_recipe(args) -> list[dict]:
    """Part "recipe"; see `recipe.measure`."""
    from audio_diffstride.benchmark import input_side, recipe, timing

    every_row, batch = [], args.batch or 256
    for precision in args.precision:
        dtype = precision.removeprefix("mixed_")
        rate = timing.matmul_rate(dtype, *args.matrix)
        print(f"\n{dtype} products: {2 * rate / 1e12:.3g} TFLOP/s")
        for width in args.width or (1.0,):
            rows = recipe.measure(
                args.arms,
                width,
                batch,
                precision,
                args.steps,
                args.repetitions,
                rate,
            )
            _print(
                f"Training, {precision}, width {width:g}, batch {batch}",
                rows,
                {
                    "arm": lambda row: row["arm"],
                    "steps/s": _number("steps_per_s", 2),
                    "ms": _number("training_ms"),
                    "time": _ratio("training_ms", rows[0]),
                    "peak MB": _number("peak_mb", 0),
                    "10^6 mult-adds": _number("multiply_adds", 0, unit=1e6),
                    "utilisation": _number("utilisation", 0, 0.01, " %"),
                    "10^6 steps, h": lambda r: f"{r['training_ms'] / 3.6:.1f}",
                },
            )
            setting = {"precision": precision, "width": width, "batch": batch}
            setting["matmul_flops_per_s"] = 2 * rate
            every_row += [{**setting, **row} for row in rows]
    _print(
        f"Input, batches of {batch}",
        rows := input_side.measure(batch, args.repetitions),
        {
            "what": lambda row: row["what"],
            "windows/s": _number("windows_per_s", 0),
            "steps/s": lambda row: f"{row['windows_per_s'] / batch:.1f}",
        },
    )
    return every_row + rows


def run_pipeline(args) -> list[dict]:
    """Part "pipeline"; see `pipeline.measure`."""
    from audio_diffstride.benchmark import pipeline

    rows = pipeline.measure(args.repetitions)
    _print(
        "Around the network, at width 0.25",
        rows,
        {"what": lambda row: row["what"], "measured": lambda r: r["text"]},
    )
    return rows


def run_growth(args) -> list[dict]:
    """Part "growth"; see `growth.measure`."""
    from audio_diffstride.benchmark import growth

    rows = growth.measure(args.repetitions)
    _print(
        "Growth of a training step with length, batch and width",
        rows,
        {
            "arm": lambda row: row["arm"],
            "length s": lambda row: f"{row['seconds']:g}",
            "batch": lambda row: str(row["batch_size"]),
            "width": lambda row: f"{row['width']:g}",
            "training ms": _number("training_ms", 0),
            "per second": _number("ms_per_second"),
            "peak MB": _number("peak_mb", 0),
            "MB per second": _number("mb_per_second"),
        },
    )
    if args.output:
        growth.draw(rows, args.output.with_suffix(".png"))
    return rows


PARTS = {
    "layers": run_layers,
    "blocks": run_blocks,
    "network": run_network,
    "recipe": run_recipe,
    "pipeline": run_pipeline,
    "growth": run_growth,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride benchmark`."""
    arguments.add(parser, list(PARTS))


def run(args: argparse.Namespace) -> None:
    """Measures, and prints the tables."""
    device = devices.choose(args.device)
    arguments.finish(args, device)
    machine = devices.described()
    print(*(f"{name}: {value}" for name, value in machine.items()), sep="\n")
    results = {part: PARTS[part](args) for part in args.parts}
    if args.output:
        atomic.write_json(args.output, {"machine": machine, **results})
