"""Pictures of what the layers keep, beside a spectrogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from audio_diffstride.cutoffs import stride_plot
from audio_diffstride.report import svg


def plot_masks(
    rows: Sequence[Mapping[str, Any]], unit: str, description: str
) -> Markup:
    """The gain of every block's filter along one axis.

    Args:
        rows: of `cutoffs.report`, of one axis and with a filter each.
        unit: of the axis.
        description: for screen readers.
    """
    with svg.new_axes(4.2) as (figure, axes):
        for index, row in enumerate(rows):
            nyquist = row["rate"] / 2
            x, gain = [0, row["flat"], row["zero"]], [1, 1, 0]
            if row["zero"] >= nyquist:
                # The ramp continues beyond half the rate: cut it there.
                slope = 0.5 / max(row["half"] - row["flat"], 1e-9)
                x[2], gain[2] = nyquist, 1 - slope * (nyquist - row["flat"])
            if row["folded_channels"] == "all":
                x, gain = [*x, nyquist], [*gain, gain[2]]
                gain = [g + row["folding"] * (1 - g) for g in gain]
            label = row["block"].replace("block", "block ")
            axes.plot(x, gain, label=label, **stride_plot.line_style(index))
        axes.set(xlabel=f"modulation ({unit})", ylabel="gain", ylim=(0, 1.05))
        axes.set_xlim(0, rows[0]["rate"] / 2)
        axes.grid(True)
        axes.legend(loc="upper right")
        return svg.to_svg(figure, description)


def plot_spectrogram(
    values: np.ndarray,
    limits_db: tuple[float, float],
    seconds: float,
    bands_hz: np.ndarray,
    description: str,
) -> Markup:
    """A spectrogram of any resolution, over the whole time and range.

    Args:
        values: (frames, bands) in dB.
        limits_db: the ends of the colour scale.
        seconds: duration of all frames.
        bands_hz: centre frequencies of the original mel bands.
        description: for screen readers.
    """
    with svg.new_axes(4.4, 2.7) as (figure, axes):
        extent = (0, seconds, -0.5, len(bands_hz) - 0.5)
        _show(figure, axes, values, limits_db, extent)
        ticks = [
            hz
            for hz in (250, 500, 1000, 2000, 4000, 8000, 16000)
            if bands_hz[0] <= hz <= bands_hz[-1]
        ]
        places = np.interp(ticks, bands_hz, np.arange(len(bands_hz)))
        axes.set_yticks(places, [str(hz) for hz in ticks])
        axes.set(xlabel="time (s)", ylabel="frequency (Hz, mel)")
        return svg.to_svg(figure, description)


def plot_region(
    corners: Sequence[tuple[str, float, float]],
    limits: tuple[float, float],
    spectrum_db: np.ndarray | None,
    description: str,
) -> Markup:
    """What each block keeps, over the modulation spectrum of an example.

    Args:
        corners: (block name, Hz, cycles/band): up to where each block, in
            depth order, keeps modulations.
        limits: (Hz, cycles/band) of the input.
        spectrum_db: (modulations in time, in frequency), or None.
        description: for screen readers.
    """
    from matplotlib import patheffects

    style: dict[str, Any] = {"color": svg.TEXT}
    with svg.new_axes(4.2) as (figure, axes):
        if spectrum_db is not None:
            extent = (0, limits[0], 0, limits[1])
            _show(figure, axes, spectrum_db, (-50, 0), extent)
            halo = patheffects.withStroke(linewidth=3, foreground="black")
            style = {"color": "white", "path_effects": [halo]}
        names: dict[tuple[float, float], list[str]] = {}
        for name, *corner in corners:
            names.setdefault((corner[0], corner[1]), []).append(name)
        heights = stride_plot.spread(
            [cycles for _, cycles in names], 0.06 * limits[1]
        )
        for (hz, cycles), height in zip(names, heights):
            x, y = [0, hz, hz], [cycles, cycles, 0]
            axes.plot(x, y, color=style["color"], lw=1.4)
            text = f" {', '.join(names[hz, cycles])}"
            axes.text(hz, height, text, va="center", weight="bold", **style)
        axes.set(xlim=(0, limits[0]), ylim=(0, limits[1]))
        axes.set_xlabel("modulation along time (Hz)")
        axes.set_ylabel("along frequency (cycles/band)")
        return svg.to_svg(figure, description)


def _show(
    figure: Any,
    axes: Any,
    values: np.ndarray,
    limits_db: tuple[float, float],
    extent: tuple[float, float, float, float],
) -> None:
    image = axes.imshow(
        values.T,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=limits_db[0],
        vmax=limits_db[1],
        interpolation="nearest",
        extent=extent,
    )
    figure.colorbar(image, label="dB").outline.set_visible(False)
