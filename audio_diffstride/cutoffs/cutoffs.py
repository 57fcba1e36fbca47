r"""From strides to cut-off frequencies: the paper's Table 2, for any model.

An axis of N samples at the rate fs, downsampled by S, keeps frequencies up to
fs / (2 S). The paper prints that cut-off rounded down to a bin,

    floor(N / (2 S)) * fs / N,

and its table is reproduced by N = 160 frames at 100 Hz and N = 64 bands. Along
time the unit is Hz (of modulation, not of sound), along frequency cycles per
mel band. What the layer's mask really does is flat / -6 dB / zero, and each
layer's rate follows from the true decimation M / N before it, which with the
paper's transition band is far from 1 / S.
"""

from __future__ import annotations

import math
import statistics

AXES = ("time", "frequency")
UNITS = {"time": "Hz", "frequency": "cycles/band"}
FRAME_RATE_HZ = 100.0


def cutoff(stride: float, rate: float) -> float:
    """The highest frequency that is kept: rate / (2 S).

    >>> cutoff(2.0, rate=100.0)
    25.0
    """
    return rate / (2 * stride)


def quantised_cutoff(stride: float, size: int, rate: float) -> float:
    """The cut-off rounded down to a bin, as the paper prints it.

    >>> quantised_cutoff(1.97, size=160, rate=100.0)
    25.0
    """
    return math.floor(size / (2 * stride)) * rate / size


def strides(model) -> dict[str, float]:
    """{"block1_time": stride, "block1_frequency": ...} of a classifier."""
    return {
        f"{place.name}_{axis.name}": stride
        for place in model.encoder.downsamplers
        for axis, stride in zip(model.front_end.axes, _numbers(place.strides))
    }


def _numbers(tensor) -> list[float]:
    from keras import ops  # takes seconds

    return ops.convert_to_numpy(tensor).tolist()


def report(model, size) -> list[dict]:
    """What every layer of a classifier keeps, along each axis.

    Args:
        model: a `Classifier`.
        size: (frames, bands) or (height, width) at the encoder's input; they
            set the bins, and with them the sizes. 100 frames are a second.

    Returns:
        One dict per block and axis, in depth order:
            block, axis, unit
            learned: whether the stride was learned
            stride: as learned or given
            effective_stride: as applied; see `spectral.effective_stride`
            rate: samples per second, mel band or pixel, before the layer
            cutoff, quantised_cutoff: of the used stride
            flat, half, zero: where the mask is 1, -6 dB and 0; None where the
                layer has no filter (strided convolution and pooling alias)
            input_size, output_size, decimation: N, M and M / N
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
                }
            )
    return rows


def _row(block, index: int, size: int, rate: float) -> dict:
    stride = used = _numbers(block.strides)[index]
    edges = (None, None, None)
    if block.resampling is not None:
        used = _numbers(block.resampling.effective_stride(size, index))
        edges = [
            bins * rate / size
            for bins in block.resampling.band_edges(size, index)
        ]
    return {
        "learned": block.downsampling.startswith("diffstride"),
        "stride": stride,
        "effective_stride": used,
        "rate": rate,
        "cutoff": cutoff(used, rate),
        "quantised_cutoff": quantised_cutoff(used, size, rate),
        **dict(zip(("flat", "half", "zero"), edges)),
    }


def summarise(runs: list[list[dict]]) -> list[dict]:
    """Mean and sample deviation over the reports of several runs.

    Every numeric column becomes its mean, with `<column>_sd` beside it (None
    for a single run). The paper's table is means and deviations of the
    quantised cut-offs of three runs.
    """
    summary = []
    for rows in zip(*runs):
        row = {"runs": len(rows)}
        for column, first in rows[0].items():
            values = [r[column] for r in rows]
            if isinstance(first, bool) or not isinstance(first, (int, float)):
                row[column] = first
                continue
            row[column] = statistics.mean(values)
            several = len(values) > 1
            row[f"{column}_sd"] = statistics.stdev(values) if several else None
        summary.append(row)
    return summary


def table_cells(rows: list[dict]) -> list[list[str]]:
    """A summary as text: the header, then a line per block and axis."""
    columns = {
        "layer": lambda r: f"{r['block']} {r['axis']}",
        "stride": lambda r: _number(r, "stride", 2),
        "cut-off": lambda r: _number(r, "cutoff"),
        "in bins": lambda r: _number(r, "quantised_cutoff"),
        "flat to": lambda r: _number(r, "flat"),
        "-6 dB at": lambda r: _number(r, "half"),
        "zero from": lambda r: _number(r, "zero"),
        "unit": lambda r: r["unit"],
        "size": lambda r: (
            f"{_number(r, 'input_size', 0)} -> {_number(r, 'output_size', 0)}"
        ),
        "M/N": lambda r: f"{r['decimation']:.2f}",
    }
    return [list(columns)] + [
        [cell(row) for cell in columns.values()] for row in rows
    ]


def format_table(rows: list[dict]) -> str:
    """A summary as a table for a terminal."""
    cells = table_cells(rows)
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip()
        for line in cells
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def _number(row, column, digits=None) -> str:
    value, deviation = row[column], row.get(f"{column}_sd")
    if value is None:
        return "-"
    if digits is None:
        digits = 2 if row["unit"] == "Hz" else 4
    text = f"{value:.{digits}f}"
    if deviation:
        text += f" ± {deviation:.{digits or 1}f}"
    return text


def convert(pair: list[float], frames: int, bands: int) -> str:
    """The cut-offs of one layer's strides, without a model.

    >>> print(convert([1.97, 1.95], frames=160, bands=64))
    time:      stride 1.97 -> 25.38 Hz, 25.00 in 160 bins
    frequency: stride 1.95 -> 0.2564 cycles/band, 0.2500 in 64 bins
    """
    lines = []
    for axis, stride, size, rate, digits in (
        ("time", pair[0], frames, FRAME_RATE_HZ, 2),
        ("frequency", pair[1], bands, 1.0, 4),
    ):
        lines.append(
            f"{axis + ':':<10} stride {stride:.2f} -> "
            f"{cutoff(stride, rate):.{digits}f} {UNITS[axis]}, "
            f"{quantised_cutoff(stride, size, rate):.{digits}f} "
            f"in {size} bins"
        )
    return "\n".join(lines)
