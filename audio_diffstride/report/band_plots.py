"""ImageContent of what the layers keep, beside a spectrogram."""

from __future__ import annotations

from audio_diffstride.report.page import Html
from audio_diffstride.report.plots import apart
from audio_diffstride.report.svg import SERIES, TEXT, to_svg


def masks(rows: list[dict], unit: str, description: str) -> Html:
    """The gain of every block's filter along one axis.

    Args:
        rows: of `cutoffs.report`, of one axis and with a filter each.
        unit: of the axis.
        description: for those who cannot see it.
    """

    def paint(figure, axes):
        for index, row in enumerate(rows):
            nyquist = row["rate"] / 2
            x, gain = [0, row["flat"], row["zero"]], [1, 1, 0]
            if row["zero"] >= nyquist:
                # The ramp goes on beyond what there is.
                slope = 0.5 / max(row["half"] - row["flat"], 1e-9)
                x[2], gain[2] = nyquist, 1 - slope * (nyquist - row["flat"])
            axes.plot(
                x,
                gain,
                color=SERIES[index % len(SERIES)],
                linestyle="--" if index >= len(SERIES) else "-",
                label=row["block"].replace("block", "block "),
            )
        axes.set(xlabel=f"modulation ({unit})", ylabel="gain", ylim=(0, 1.05))
        axes.set_xlim(0, rows[0]["rate"] / 2)
        axes.grid(True)
        axes.legend(loc="upper right")

    return to_svg(paint, description, width_in=4.2, height_in=3.4)


def spectrogram(
    values, limits_db, seconds: float, bands_hz, description: str
) -> Html:
    """A spectrogram, or what is left of one, over the whole time and range.

    Args:
        values: (frames, bands) in dB, of any resolution.
        limits_db: the ends of the colour scale.
        seconds: that the frames span.
        bands_hz: centre frequencies of the original mel bands.
        description: for those who cannot see it.
    """
    num_bands = len(bands_hz)

    def paint(figure, axes):
        image = axes.imshow(
            values.T,
            origin="lower",
            aspect="auto",
            cmap="magma",
            vmin=limits_db[0],
            vmax=limits_db[1],
            interpolation="nearest",
            extent=(0, seconds, -0.5, num_bands - 0.5),
        )
        ticks = [
            hz
            for hz in (250, 500, 1000, 2000, 4000, 8000, 16000)
            if bands_hz[0] <= hz <= bands_hz[-1]
        ]
        places = [_between(hz, bands_hz) for hz in ticks]
        axes.set_yticks(places, [str(hz) for hz in ticks])
        axes.set(xlabel="time (s)", ylabel="frequency (Hz, mel)")
        figure.colorbar(image, label="dB").outline.set_visible(False)

    return to_svg(paint, description, width_in=4.4, height_in=2.7)


def _between(hz: float, bands_hz) -> float:
    """Where a frequency lies among the bands, counted from 0."""
    above = next(i for i, band in enumerate(bands_hz) if band >= hz)
    if above == 0:
        return 0.0
    low, high = bands_hz[above - 1], bands_hz[above]
    return above - 1 + (hz - low) / (high - low)


def kept_regions(regions, limits, spectrum_db, description: str) -> Html:
    """What each block keeps, over the modulation spectrum of an example.

    Args:
        regions: (block name, Hz, cycles/band): the corner of what is left
            after each block, in depth order.
        limits: (Hz, cycles/band) up to which there is anything.
        spectrum_db: (modulations in time, in frequency), or None.
        description: for those who cannot see it.
    """
    import matplotlib.patheffects

    def paint(figure, axes):
        if spectrum_db is not None:
            image = axes.imshow(
                spectrum_db.T,
                origin="lower",
                aspect="auto",
                cmap="magma",
                vmin=-50,
                vmax=0,
                interpolation="nearest",
                extent=(0, limits[0], 0, limits[1]),
            )
            figure.colorbar(image, label="dB").outline.set_visible(False)
        color = TEXT if spectrum_db is None else "white"
        halo = [
            matplotlib.patheffects.withStroke(linewidth=3, foreground="black")
        ]
        corners = {}
        for name, *corner in regions:
            corners.setdefault(tuple(corner), []).append(name)
        heights = apart([corner[1] for corner in corners], 0.06 * limits[1])
        for ((hz, cycles), names), height in zip(corners.items(), heights):
            axes.plot([0, hz, hz], [cycles, cycles, 0], color=color, lw=1.4)
            axes.text(
                hz,
                height,
                f" {', '.join(names)}",
                color=color,
                va="center",
                fontweight="bold",
                path_effects=halo if spectrum_db is not None else None,
            )
        axes.set(xlim=(0, limits[0]), ylim=(0, limits[1]))
        axes.set_xlabel("modulation along time (Hz)")
        axes.set_ylabel("along frequency (cycles/band)")

    return to_svg(paint, description, width_in=4.2, height_in=3.4)
