"""How many multiply-adds an example costs, from the actual sizes.

Every block has a convolution and a resampling twice: along time, then along
frequency on what is left. The two are counted in the order in which they are
computed, see `axis_products`. A strided convolution is counted at its output
positions, and pooling as nothing. Counted are the convolutions, the
resampling and the heads; not the log-mel front end, biases, ReLU and norms,
nor the making of a resampling matrix, which is once per batch.
"""

from __future__ import annotations

from audio_diffstride import axis_products
from audio_diffstride.axis_products import TAPS


def of_block(block, size, channels: int, first_size=None) -> dict[str, int]:
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
        elif block.resampling is None or before <= 2:
            # An axis of one or two samples passes through, at no cost.
            convolution = TAPS * channels_in * block.channels * before
            resampling = 0
        else:
            convolution, resampling = axis_products.multiply_adds(
                before, after, channels_in, block.channels, TAPS
            )[resample_first]
        counts["convolution"] += columns * convolution
        counts["resampling"] += columns * resampling
    return counts


def of_encoder(encoder, frames: int, bands: int) -> list[dict]:
    """One dict per block: block, input_size, output_size and the counts.

    Args:
        encoder: a `TimeFrequencyEncoder`; the strides it has now count.
        frames: frames of the example.
        bands: its mel bands.
    """
    rows, size, channels = [], (frames, bands), 1
    first_size = size
    for block in encoder.blocks:
        counts = of_block(block, size, channels, first_size)
        first_size = block.first_output_size(first_size)
        output_size = block.output_size(size)
        rows.append(
            {
                "block": block.name,
                "input_size": size,
                "output_size": output_size,
                **counts,
                "total": sum(counts.values()),
            }
        )
        size, channels = output_size, block.channels
    return rows


def of_heads(model) -> int:
    """The multiply-adds of an `AudioClassifier`'s heads."""
    channels = model.encoder.blocks[-1].channels
    return channels * sum(model.tasks.values())


def strided_twin(encoder):
    """The same network with strided convolutions, to compare with.

    Its strides are the ones that training started at, rounded to whole ones.
    """
    from audio_diffstride.models import TimeFrequencyEncoder

    config = encoder.get_config()
    config.pop("dtype", None)
    strides = [[max(1, round(s)) for s in pair] for pair in config["strides"]]
    return TimeFrequencyEncoder(
        **{**config, "strides": strides, "downsampling": "strided_conv"}
    )
