"""How many multiply-adds an example costs, from the actual sizes.

A convolution takes as many per output position as its kernel has numbers. A
block of the audio network has a convolution and a resampling twice: along
time, then along frequency on what is left. The two are counted in the order in
which they are computed, see `axis_products`. A strided convolution is counted
at its output positions, and pooling as nothing. Counted are the convolutions,
the resampling and the heads; not the log-mel front end, biases, ReLU and
norms, nor the making of a resampling matrix, unless every example has its own:
otherwise it is once per batch.
"""

from __future__ import annotations

import math

from audio_diffstride.layers import axis_products
from audio_diffstride.layers.axis_products import TAPS


def block_macs(block, size, channels: int, first_size=None) -> dict[str, int]:
    """The multiply-adds of one block for one example.

    Args:
        block: a `TimeFrequencyBlock`.
        size: (frames, bands) at its input.
        channels: at its input.
        first_size: the same at the initial strides, by which it chooses the
            order of computation; None is `size`.

    Returns:
        {"convolution": ..., "resampling": ...}.
    """
    frames, bands = size
    new_frames, new_bands = block.output_size(size)
    orders = block.orders(first_size or size, channels)
    counts = {"convolution": 0, "resampling": 0}
    for resample_first, before, after, columns, channels_in in (
        (orders[0], frames, new_frames, bands, channels),
        (orders[1], bands, new_bands, new_frames, block.channels),
    ):
        if block.downsampling == "strided_conv":
            convolution = TAPS * channels_in * block.channels * after
            resampling = 0
        elif block.downsampling_position == "before_convolution":
            convolution = TAPS * channels_in * block.channels * after
            is_product = block.resampling is not None and before > 2
            resampling = channels_in * before * after * is_product
            counts["resampling"] += is_product * _of_matrix(
                block, before, after
            )
        elif block.resampling is None or before <= 2:
            # An axis of one or two samples passes through, at no cost.
            convolution = TAPS * channels_in * block.channels * before
            resampling = 0
        else:
            convolution, resampling = axis_products.multiply_adds(
                before, after, channels_in, block.channels, TAPS
            )[resample_first]
            counts["resampling"] += _of_matrix(block, before, after)
        counts["convolution"] += columns * convolution
        counts["resampling"] += columns * resampling
    return counts


def of_blocks(blocks, size) -> list[dict]:
    """The rows of `Encoder.multiply_adds` for time-frequency blocks.

    Args:
        blocks: in depth order; the strides they have now count.
        size: (frames, bands) of the example.
    """
    rows, channels = [], 1
    first_size = size
    for block in blocks:
        counts = block_macs(block, size, channels, first_size)
        first_size = block.first_output_size(first_size)
        rows.append(row(block.name, size, block.output_size(size), counts))
        size, channels = rows[-1]["output_size"], block.channels
    return rows


def row(block: str, input_size, output_size, counts: dict[str, int]) -> dict:
    """A row of `Encoder.multiply_adds`."""
    return {
        "block": block,
        "input_size": tuple(input_size),
        "output_size": tuple(output_size),
        **counts,
        "total": sum(counts.values()),
    }


def total_macs(block: str, rows: list[dict]) -> dict:
    """The row of a block that has `rows` in it, one after the other."""
    counts = {
        kind: sum(part[kind] for part in rows)
        for kind in ("convolution", "resampling")
    }
    sizes = rows[0]["input_size"], rows[-1]["output_size"]
    return row(block, *sizes, counts)


def of_convolution(layer, output_size) -> int:
    """Of a built convolution, dense or depthwise, of any rank.

    Args:
        layer: of Keras; its bias is not counted.
        output_size: the size at which it is computed.
    """
    return math.prod(layer.kernel.shape) * math.prod(output_size)


def of_downsample(downsampler, size, channels: int) -> int:
    """Of the matrix products along each axis, one after the other.

    Args:
        downsampler: a `DownsamplerBase` whose resampling follows a convolution.
        size: of the spatial axes at its input.
        channels: at its input.
    """
    if downsampler.resampling is None:
        return 0
    size, total = list(size), 0
    for axis, new_size in enumerate(downsampler.output_size(size)):
        if size[axis] > 2:  # a shorter one passes through
            total += channels * new_size * math.prod(size)
            total += _of_matrix(downsampler, size[axis], new_size)
        size[axis] = new_size
    return total


def _of_matrix(downsampler, size: int, new_size: int) -> int:
    """Of making a matrix, where every example has its own."""
    if downsampler.downsampling != "diffstride_per_example":
        return 0
    return 2 * (size // 2 + 1) * size * new_size


def of_heads(model) -> int:
    """The multiply-adds of a classifier's heads."""
    return sum(math.prod(head.kernel.shape) for head in model.heads)


def strided_baseline(encoder):
    """The same network with strided convolutions, to compare with.

    Its strides are the ones that training started at, rounded to whole ones;
    it is built as the encoder was.
    """
    config = encoder.get_config()
    config.pop("dtype", None)
    config.pop("downsampling_position", None)  # a stride has but one
    strides = [[max(1, round(s)) for s in each] for each in config["strides"]]
    twin = type(encoder)(
        **{**config, "strides": strides, "downsampling": "strided_conv"}
    )
    twin.build_from_config(encoder.get_build_config())
    return twin
