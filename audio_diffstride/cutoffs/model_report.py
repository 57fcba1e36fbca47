"""The strides and cut-off frequencies of a model's layers.

A layer does not cut off at one frequency: its mask is flat, then -6 dB, then
zero. Its rate follows from the true decimation M / N of the layers before it.
With the paper's transition band that is far from 1 / S.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from audio_diffstride.cutoffs.frequencies import cutoff, quantised_cutoff


def strides(model: Any) -> dict[str, float]:
    """{"block1_time": stride, "block1_frequency": ...} of a classifier."""
    return {
        f"{place.name}_{axis.name}": stride
        for place in model.encoder.downsamplers
        for axis, stride in zip(model.front_end.axes, _numbers(place.strides))
    }


def foldings(model: Any) -> dict[str, float]:
    """{"block1_time": folding, ...} of a classifier; {} if nothing folds.

    The folding is the share of what lies beyond the cut-off that a layer folds
    back into the kept band.
    """
    places = model.encoder.downsamplers
    axes = model.front_end.axes
    found = {
        f"{place.name}_{axis.name}": _folding(place, index)
        for place in places
        for index, axis in enumerate(axes)
    }
    several = itertools.product(places, range(len(axes)))
    return found if any(_folds(*one) for one in several) else {}


def _folds(place: Any, index: int) -> bool:
    return place.resampling is not None and place.resampling.folds(index)


def _folding(place: Any, index: int) -> float:
    if not _folds(place, index):
        return 0.0
    return float(_numbers(place.resampling.folding_of(index)))


def _numbers(tensor: Any) -> Any:
    from keras import ops  # takes seconds

    return ops.convert_to_numpy(tensor).tolist()


def report(model: Any, size: Sequence[int]) -> list[dict[str, Any]]:
    """What every layer of a classifier keeps, along each axis.

    Args:
        model: a `Classifier`.
        size: (frames, bands) or (height, width) at the encoder's input. It
            sets the bins. 100 frames are a second.

    Returns:
        One dict per block and axis, in depth order:
            block, axis, unit
            learned: whether the stride is learned
            stride: as learned or given
            used_stride: as applied; see `spectral.effective_stride`
            rate: samples per second, mel band or pixel, before the layer
            cutoff, quantised_cutoff: of the effective stride
            flat, half, zero: where the mask is 1, -6 dB and 0; None where the
                layer has no filter (strided convolution and pooling alias)
            input_size, output_size, decimation: N, M and M / N
            folding: share of what lies beyond the cut-off that is folded
                back, from 0 to 1; None where the layer has no filter
            folded_channels: "all" or "half", the channels that fold; None
                where none can
    """
    rows, encoder = [], model.encoder
    for place, sizes in zip(encoder.downsamplers, encoder.input_sizes(size)):
        new_sizes = place.output_size(sizes)
        for index, axis in enumerate(model.front_end.axes):
            rate = axis.rate * sizes[index] / size[index]
            rows.append(
                {
                    "block": place.name,
                    "axis": axis.name,
                    "unit": axis.unit,
                    **_row(place, index, sizes[index], rate),
                    "input_size": sizes[index],
                    "output_size": new_sizes[index],
                    "decimation": new_sizes[index] / sizes[index],
                    **_folding_columns(place, index),
                }
            )
    return rows


def _row(block: Any, index: int, size: int, rate: float) -> dict[str, Any]:
    stride = effective = _numbers(block.strides)[index]
    edges: Sequence[float | None] = (None, None, None)
    if block.resampling is not None:
        effective = _numbers(block.resampling.effective_stride(size, index))
        edges = [
            bins * rate / size
            for bins in block.resampling.band_edges(size, index)
        ]
    return {
        "learned": block.downsampling.startswith("diffstride"),
        "stride": stride,
        "used_stride": effective,
        "rate": rate,
        "cutoff": cutoff(effective, rate),
        "quantised_cutoff": quantised_cutoff(effective, size, rate),
        **dict(zip(("flat", "half", "zero"), edges)),
    }


def _folding_columns(place: Any, index: int) -> dict[str, Any]:
    layer = place.resampling
    return {
        "folding": None if layer is None else _folding(place, index),
        "folded_channels": layer.folded_channels
        if _folds(place, index)
        else None,
    }
