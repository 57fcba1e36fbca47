"""Parts "blocks" and "network": every arm, block by block and as a whole."""

from __future__ import annotations

import keras
import numpy as np

from audio_diffstride.benchmark import arms, memory
from audio_diffstride.benchmark.timing import interleaved

# A training step is a forward pass and two products of its size backward.
_PASSES = 3


def training_step(
    arm: str, width: float, batch_size: int, seconds=1.0, released=None
):
    """One step of Adam on random waveforms, as a function."""
    model = arms.model(arm, width, released)
    x, y = _batch(batch_size, seconds)
    return lambda: model.train_on_batch(x, y)


def forward_pass(
    arm: str, width: float, batch_size: int, seconds=1.0, released=None
):
    """The logits of random waveforms, as a function."""
    model = arms.model(arm, width, released)
    x, _ = _batch(batch_size, seconds)
    return lambda: model.predict_on_batch(x)


def _batch(batch_size: int, seconds: float):
    rng = np.random.default_rng(0)
    waveforms = rng.normal(0, 3000, (batch_size, round(16000 * seconds)))
    return waveforms.astype("int16"), {"class": rng.integers(0, 10, batch_size)}


def measure(
    width: float, batch_size: int, repetitions: int, rate: float, released=None
) -> list[dict]:
    """A row per arm of the whole network, the first one strided.

    Args:
        width: factor on the channels.
        batch_size: windows of a second per step.
        repetitions: how often each is timed.
        rate: multiply-adds per second that this machine reaches.
        released: path of a checkout of the released code, or None.

    Returns:
        Rows of milliseconds, megabytes, multiply-adds of a forward pass, and
        the share of the rate that a training step reaches.
    """
    released = released and str(released)
    setting = {"width": width, "batch_size": batch_size, "released": released}
    names = arms.names(released)
    times = [
        interleaved({n: make(n, **setting) for n in names}, repetitions)
        for make in (training_step, forward_pass)
    ]
    rows = []
    for name in names:
        peak = memory.peak_bytes(
            f"{__name__}:training_step", arm=name, **setting
        )
        count = arms.count_multiply_adds(name, width)
        done = count and _PASSES * count * batch_size / times[0][name]
        rows.append(
            {
                "arm": name,
                "training_ms": 1000 * times[0][name],
                "forward_ms": 1000 * times[1][name],
                "peak_mb": peak and peak / 1e6,
                "multiply_adds": count,
                "share_of_rate": done and done / rate,
            }
        )
    return rows


def measure_blocks(batch_size: int, repetitions: int) -> list[dict]:
    """A row per arm: the milliseconds of a training step of each block alone.

    All arms get the same input, of the sizes that "outside" gives.

    Args:
        batch_size: examples per step.
        repetitions: how often each is timed.
    """
    names = arms.names()
    rows = [{"arm": name} for name in names]
    sizes = arms.encoder("outside")
    sizes.build((None, 100, 64, 1))
    shape = (100, 64, 1)
    for index, block in enumerate(sizes.blocks):
        x = np.random.default_rng(0).normal(size=(batch_size, *shape))
        steps = {n: _block_step(n, index, x.astype("float32")) for n in names}
        times = interleaved(steps, repetitions)
        for row in rows:
            row[block.name] = 1000 * times[row["arm"]]
        shape = (*block.output_size(shape[:2]), block.channels)
    return rows


def _block_step(arm: str, index: int, x):
    block = arms.encoder(arm).blocks[index]
    inputs = keras.Input(x.shape[1:])
    pooled = keras.layers.GlobalMaxPooling2D()(block(inputs))
    model = keras.Model(inputs, pooled)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    y = np.zeros((len(x), block.channels), "float32")
    return lambda: model.train_on_batch(x, y)
