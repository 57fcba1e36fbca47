"""Counts of multiply-adds per example, from the actual sizes.

A convolution costs as many multiply-adds per output position as its kernel has
numbers. A block of the audio network has two convolutions and two resamplings:
first along time, then along frequency. Each pair is counted in the order in
which it is computed; see `axis_products`. A strided convolution is counted at
its output positions. Pooling counts as nothing.

The counts include the convolutions, the resampling and the heads. They leave
out the log-mel front end, biases, ReLU and norms. They also leave out the
resampling matrices, which are made once per batch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from audio_diffstride.layers import axis_products
from audio_diffstride.layers.axis_products import TAPS

Row = dict[str, Any]


def block_macs(
    block: Any,
    size: Sequence[int],
    channels: int,
    initial_size: Sequence[int] | None = None,
) -> dict[str, int]:
    """Counts the multiply-adds of one time-frequency block.

    Args:
        block: a `TimeFrequencyBlock`.
        size: (frames, bands) at its input.
        channels: at its input.
        initial_size: `size` at the initial strides. It decides the order of
            the computation. None is `size`.

    Returns:
        {"convolution": ..., "resampling": ...}.
    """
    frames, bands = size
    new_frames, new_bands = block.output_size(size)
    orders = block.resamples_first(initial_size or size, channels)
    counts = {"convolution": 0, "resampling": 0}
    for resample_first, before, after, columns, channels_in in (
        (orders[0], frames, new_frames, bands, channels),
        (orders[1], bands, new_bands, new_frames, block.channels),
    ):
        kernel = TAPS * channels_in * block.channels
        # An axis of one or two samples passes through at no cost.
        has_matrix = block.resampling is not None and before > 2
        if block.downsampling == "strided_conv":
            macs = kernel * after, 0
        elif block.downsampling_position == "before_convolution":
            macs = kernel * after, has_matrix * channels_in * before * after
        elif not has_matrix:
            macs = kernel * before, 0
        else:
            macs = axis_products.multiply_adds(
                before, after, channels_in, block.channels, TAPS
            )[resample_first]
        counts["convolution"] += columns * macs[0]
        counts["resampling"] += columns * macs[1]
    return counts


def block_rows(blocks: Iterable[Any], size: Sequence[int]) -> list[Row]:
    """The rows of `Encoder.multiply_adds` for time-frequency blocks.

    Args:
        blocks: in depth order. Their current strides count.
        size: (frames, bands) of the example.
    """
    rows: list[Row] = []
    channels, initial_size = 1, size
    for block in blocks:
        counts = block_macs(block, size, channels, initial_size)
        initial_size = block.initial_output_size(initial_size)
        rows.append(row(block.name, size, block.output_size(size), counts))
        size, channels = rows[-1]["output_size"], block.channels
    return rows


def row(
    block: str,
    input_size: Iterable[int],
    output_size: Iterable[int],
    counts: dict[str, int],
) -> Row:
    """A row of `Encoder.multiply_adds`."""
    return {
        "block": block,
        "input_size": tuple(input_size),
        "output_size": tuple(output_size),
        **counts,
        "total": sum(counts.values()),
    }


def total_macs(block: str, rows: list[Row]) -> Row:
    """The row of a block that consists of `rows`, one after the other."""
    counts = {
        kind: sum(part[kind] for part in rows)
        for kind in ("convolution", "resampling")
    }
    sizes = rows[0]["input_size"], rows[-1]["output_size"]
    return row(block, *sizes, counts)


def convolution_macs(layer: Any, output_size: Iterable[int]) -> int:
    """Counts the multiply-adds of a convolution, dense or depthwise.

    Args:
        layer: a built Keras layer of any rank. Its bias is not counted.
        output_size: the size at which it is computed.
    """
    return math.prod(layer.kernel.shape) * math.prod(output_size)


def resampling_macs(
    downsampler: Any, size: Iterable[int], channels: int
) -> int:
    """Counts the multiply-adds of the matrix products along all axes.

    Args:
        downsampler: a `DownsamplerBase` that follows a convolution.
        size: of the spatial axes at its input.
        channels: at its input.
    """
    if downsampler.resampling is None:
        return 0
    sizes, total = list(size), 0
    for axis, new_size in enumerate(downsampler.output_size(sizes)):
        if sizes[axis] > 2:  # a shorter axis passes through
            total += channels * new_size * math.prod(sizes)
        sizes[axis] = new_size
    return total


def head_macs(model: Any) -> int:
    """Counts the multiply-adds of the heads of a classifier."""
    return sum(math.prod(head.kernel.shape) for head in model.heads)


def strided_baseline(encoder: Any) -> Any:
    """Makes the same network with strided convolutions, for comparison.

    Its strides are the initial strides of the encoder, rounded to whole
    numbers. It is built for the same input.
    """
    config = encoder.get_config()
    config.pop("dtype", None)
    config.pop("downsampling_position", None)  # a strided one has no choice
    strides = [[max(1, round(s)) for s in each] for each in config["strides"]]
    baseline = type(encoder)(
        **{**config, "strides": strides, "downsampling": "strided_conv"}
    )
    baseline.build_from_config(encoder.get_build_config())
    return baseline
