"""Part "roofline": how near to what the machine can do.

No computation takes less time than its multiply-adds at the rate of large
matrix products, nor than moving its inputs and outputs at the rate of the
memory. The larger of the two is the least time. The table says what share of
the measured time it is, and which of the two it is.

Bytes are the fewest that can be moved: a forward pass reads its input and
weights and writes its output. A training step also reads the input and the
output's gradient again, and writes the input's gradient. What stays in a cache
on the way costs nothing. Model: Williams, Waterman, Patterson, "Roofline",
CACM 2009.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from audio_diffstride.benchmark import arms, network, tables, timing
from audio_diffstride.layers import DiffStride

ARMS = ("strided_conv", "inside", "outside")
SHAPE = (100, 64)  # frames, bands of one second
_BYTES = 4
_COLUMNS: dict[str, tables.Cell] = {
    "what": tables.text("what"),
    "ms": tables.number("seconds", 2, 1e-3),
    "10^6 mult-adds": tables.number("multiply_adds", 0, 1e6),
    "MB": tables.number("bytes", 1, 1e6),
    "of the limit": tables.number("share", 0, 0.01, " %"),
    "limit": tables.text("limit"),
}


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures, and prints a table."""
    rates = timing.matmul_rate(), memory_rate(args.repetitions)
    print(
        f"\nmatrix products: {rates[0] / 1e9:.0f} billion multiply-adds/s, "
        f"memory: {rates[1] / 1e9:.1f} GB/s"
    )
    rows = measure(args.batch or 16, args.repetitions, *rates)
    tables.print_table("Beside the limit of this machine", rows, _COLUMNS)
    return rows


def memory_rate(repetitions: int) -> float:
    """Bytes per second of an elementwise operation on a large tensor."""
    ones = keras.ops.ones((2**26,))  # 256 MiB, more than caches hold

    def double() -> None:
        float((ones + ones)[0])

    seconds = timing.interleaved({"double": double}, repetitions)["double"]
    return 2 * _BYTES * 2**26 / seconds  # read once, written once


def measure(
    batch_size: int, repetitions: int, mac_rate: float, byte_rate: float
) -> list[tables.Row]:
    """One row for each thing that is timed.

    Args:
        batch_size: examples per step.
        repetitions: how often each is timed.
        mac_rate: multiply-adds per second of the machine.
        byte_rate: bytes per second of its memory.
    """
    cases = [
        *_layers(batch_size),
        *(case for arm in ARMS for case in _blocks(arm, batch_size)),
        *(case for arm in ARMS for case in _networks(arm, batch_size)),
    ]
    seconds = timing.interleaved(
        {what: step for what, _, _, step in cases}, repetitions
    )
    return [
        {
            "what": what,
            "seconds": seconds[what],
            "multiply_adds": macs,
            "bytes": num_bytes,
            **limit(seconds[what], macs / mac_rate, num_bytes / byte_rate),
        }
        for what, macs, num_bytes, _ in cases
    ]


def limit(seconds: float, of_macs: float, of_bytes: float) -> dict[str, Any]:
    """The share of a time that cannot be saved, and why it cannot.

    >>> limit(4.0, 1.0, 2.0)
    {'share': 0.5, 'limit': 'memory'}
    """
    return {
        "share": max(of_macs, of_bytes) / seconds,
        "limit": "memory" if of_bytes > of_macs else "matrix products",
    }


# What is timed, its multiply-adds, its bytes, and the step.
_Case = tuple[str, int, int, Callable[[], object]]


def _layers(batch_size: int) -> list[_Case]:
    cases = []
    for band in ("inside", "outside"):
        layer = DiffStride(2.0, transition_band=band)
        shape = (*SHAPE, 64)
        layer.build((None, *shape))
        frames, bands = layer.output_size(SHAPE)
        sizes = (frames, bands, 64)
        # First along time, then along frequency.
        macs = 64 * SHAPE[1] * frames * (SHAPE[0] + bands)
        cases += _both(f"layer, {band}", layer, shape, sizes, macs, batch_size)
    return cases


def _blocks(arm: str, batch_size: int) -> list[_Case]:
    """The second block: the first has one input channel."""
    encoder = arms.encoder(arm)
    encoder.build((None, *SHAPE, 1))
    row = encoder.multiply_adds(SHAPE)[1]
    first, block = encoder.blocks[:2]
    shape = (*row["input_size"], first.channels)
    sizes = (*row["output_size"], block.channels)
    fresh = arms.encoder(arm).blocks[1]
    return _both(
        f"block 2, {arm}", fresh, shape, sizes, row["total"], batch_size
    )


def _both(
    what: str,
    layer: Any,
    shape: Sequence[int],
    output_shape: Sequence[int],
    macs: int,
    batch_size: int,
) -> list[_Case]:
    """The forward pass and the training step of a layer alone."""
    inputs = keras.Input(shape)
    model = keras.Model(inputs, layer(inputs))
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss=_sum)
    x = np.random.default_rng(0).normal(size=(batch_size, *shape))
    x = x.astype("float32")
    y = np.zeros((batch_size, 1), "float32")
    weights = _BYTES * model.count_params()
    sizes = [_BYTES * batch_size * math.prod(s) for s in (shape, output_shape)]
    forward = sizes[0] + sizes[1] + weights
    return [
        (
            f"{what}: forward",
            macs * batch_size,
            forward,
            lambda: model.predict_on_batch(x),
        ),
        (
            f"{what}: training step",
            network.PASSES_PER_STEP * macs * batch_size,
            2 * forward + sizes[0] + weights,
            lambda: model.train_on_batch(x, y),
        ),
    ]


def _sum(_: Any, outputs: Any) -> Any:
    """A loss whose gradient is the same for every output."""
    return keras.ops.mean(outputs, axis=tuple(range(1, len(outputs.shape))))


def _networks(arm: str, batch_size: int) -> list[_Case]:
    encoder = arms.encoder(arm)
    encoder.build((None, *SHAPE, 1))
    rows = encoder.multiply_adds(SHAPE)
    macs = sum(row["total"] for row in rows)
    maps = sum(
        math.prod(row["output_size"]) * block.channels
        for row, block in zip(rows, encoder.blocks)
    )
    weights = _BYTES * encoder.count_params()
    moved = 2 * _BYTES * batch_size * maps + weights  # written, and read
    setting: dict[str, Any] = {"width": 1.0, "batch_size": batch_size}
    return [
        (
            f"network, {arm}: forward",
            macs * batch_size,
            moved,
            network.forward_pass(arm, **setting),
        ),
        (
            f"network, {arm}: training step",
            network.PASSES_PER_STEP * macs * batch_size,
            3 * moved,
            network.training_step(arm, **setting),
        ),
    ]
