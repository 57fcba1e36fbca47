"""Part "layers": DiffStride alone, as a matrix product and by FFTs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from audio_diffstride.benchmark import memory, tables
from audio_diffstride.benchmark.arms import Path
from audio_diffstride.benchmark.fft_layer import fft_diffstride
from audio_diffstride.benchmark.released import import_pooling
from audio_diffstride.benchmark.timing import interleaved
from audio_diffstride.layers import DiffStride

# (batch, frames, bands, channels) at the first three blocks.
SHAPES = ((16, 100, 64, 64), (16, 58, 40, 128), (16, 36, 28, 256))
WAYS = ("matrix", "fft", "released")

Shape = tuple[int, ...]


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures, and prints a table per shape."""
    rows = measure(args.repetitions, args.released)
    for shape in dict.fromkeys(row["shape"] for row in rows):
        chosen = [row for row in rows if row["shape"] == shape]
        columns = {"way": tables.text("way")}
        for quantity in ("training_ms", "forward_ms", "peak_mb"):
            name, unit = quantity.split("_")
            unit = unit.replace("mb", "MB")
            columns[f"{name} {unit}"] = tables.number(quantity)
            columns[f"{name} ratio"] = tables.ratio(quantity, chosen[0])
        tables.print_table(f"DiffStride alone on {shape}", chosen, columns)
    return rows


def measure(repetitions: int, released: Path | None = None) -> list[tables.Row]:
    """One row per shape and way: milliseconds and megabytes.

    Args:
        repetitions: how often each is timed.
        released: path of a checkout of the released code, or None.
    """
    ways = [way for way in WAYS if released or way != "released"]
    rows: list[tables.Row] = []
    for shape in SHAPES:
        training_s, forward_s = (
            interleaved(
                {way: make(way, shape, released) for way in ways}, repetitions
            )
            for make in (training_step, forward_pass)
        )
        for way in ways:
            peak_bytes = memory.peak_bytes(
                f"{__name__}:training_step",
                way=way,
                shape=shape,
                released=released and str(released),
            )
            rows.append(
                {
                    "shape": " x ".join(map(str, shape)),
                    "way": way,
                    "training_ms": 1000 * training_s[way],
                    "forward_ms": 1000 * forward_s[way],
                    "peak_mb": peak_bytes and peak_bytes / 1e6,
                }
            )
    return rows


def training_step(
    way: str, shape: Shape, released: Path | None = None
) -> Callable[[], float]:
    """The gradients for the input and the strides, as a function.

    Args:
        way: one of `WAYS`.
        shape: of the input.
        released: path of a checkout, for the way "released".
    """
    layer, strides = _layer(way, shape, released)
    x = tf.random.normal(shape)
    upstream = tf.random.normal(layer(x).shape)

    @tf.function(autograph=False)
    def step() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return tape.gradient(y, [x, strides.value], output_gradients=upstream)

    return lambda: float(step()[1][0])


def forward_pass(
    way: str, shape: Shape, released: Path | None = None
) -> Callable[[], Any]:
    """The layer's output, as a function; see `training_step`."""
    layer, _ = _layer(way, shape, released)
    x = tf.random.normal(shape)
    step = tf.function(lambda: layer(x), autograph=False)
    return lambda: step().numpy()


def _layer(
    way: str, shape: Shape, released: Path | None
) -> tuple[Callable[[Any], Any], Any]:
    """A function of the input, and the strides that it has a gradient for."""
    if way == "released":
        layer = import_pooling(released or "").DiffStride(
            2.0, data_format="channels_last"
        )
    else:
        layer = DiffStride(2.0)
    layer.build(shape)
    if way == "fft":
        return lambda x: fft_diffstride(layer, x), layer.strides
    return layer, layer.strides
