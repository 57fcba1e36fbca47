"""Part "blocks": a training step of each block of the audio network."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import keras
import numpy as np

from audio_diffstride.benchmark import arms, tables
from audio_diffstride.benchmark.timing import interleaved


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Measures, and prints a table with a block per column."""
    rows = measure(args.batch or 16, args.repetitions)
    blocks = [column for column in rows[0] if column != "arm"]
    tables.print_table(
        "A training step of each block alone",
        rows,
        {"training ms": tables.text("arm")}
        | {block: tables.number(block) for block in blocks},
    )
    return rows


def measure(batch_size: int, repetitions: int) -> list[tables.Row]:
    """One row per arm: the milliseconds of a training step of each block.

    All arms get the same input, of the sizes that "outside" gives.

    Args:
        batch_size: examples per step.
        repetitions: how often each is timed.
    """
    names = arms.names()
    rows: list[tables.Row] = [{"arm": name} for name in names]
    reference = arms.encoder("outside")
    reference.build((None, 100, 64, 1))
    shape: tuple[int, ...] = (100, 64, 1)
    for index, block in enumerate(reference.blocks):
        x = np.random.default_rng(0).normal(size=(batch_size, *shape))
        steps = {n: _training_step(n, index, x.astype("f4")) for n in names}
        times_s = interleaved(steps, repetitions)
        for row in rows:
            row[block.name] = 1000 * times_s[row["arm"]]
        shape = (*block.output_size(shape[:2]), block.channels)
    return rows


def _training_step(arm: str, index: int, x: np.ndarray) -> Callable[[], object]:
    block = arms.encoder(arm).blocks[index]
    inputs = keras.Input(x.shape[1:])
    pooled = keras.layers.GlobalMaxPooling2D()(block(inputs))
    model = keras.Model(inputs, pooled)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    y = np.zeros((len(x), block.channels), "float32")
    return lambda: model.train_on_batch(x, y)
