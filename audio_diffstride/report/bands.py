"""The sections on what the layers keep, and on what the network costs."""

from __future__ import annotations

import numpy as np

from audio_diffstride.cutoffs import cutoffs
from audio_diffstride.errors import UserError
from audio_diffstride.models import multiply_adds
from audio_diffstride.report import band_plots, kept, page
from audio_diffstride.report.run import Run


def cutoffs_section(run: Run) -> page.Html:
    """The cut-off report as a table and as pictures."""
    header, *rows = cutoffs.table_cells(cutoffs.summarise([run.cutoffs]))
    rows = [[cell.replace("->", "→") for cell in row] for row in rows]
    return page.section(
        "cutoffs",
        "What the layers keep",
        page.paragraph(
            "Modulations of the spectrogram: along time in Hz (how fast it "
            "changes, not how high it sounds), along frequency in cycles per "
            "mel band (how fine its ripples are). The cut-off is rate / "
            "(2 stride). ",
            "Every layer is a low-pass there; flat, -6 dB and zero are what "
            "its mask does."
            if kept.regions(run.cutoffs)
            else "This network has no filter before its strides: what is "
            "faster than the cut-off is not removed, it is folded back as "
            "something slower.",
        ),
        page.table("Cut-off frequencies", header, rows),
        *_pictures(run),
    )


def _pictures(run: Run):
    window, title, problem = _example(run)
    regions = kept.regions(run.cutoffs)
    if problem:
        yield page.note(problem)
    spectrogram = None
    if window is not None:
        spectrogram = kept.log_mel_db(run.model, window)
    if regions:
        yield page.element("h3", "The kept band")
        yield page.side_by_side(
            _regions(run, regions, spectrogram, title),
            *(_masks(run, axis) for axis in cutoffs.AXES),
            small=True,
        )
    if spectrogram is not None:
        yield page.element("h3", "What is left of the example")
        yield page.paragraph(
            f"The spectrogram of {title}, and what the downsampling alone, "
            "without the convolutions between, leaves of it after each block."
        )
        yield page.side_by_side(
            *_panels(run, spectrogram, bool(regions)), small=True
        )


def _example(run: Run):
    """(samples of one window, what it is, None), or what is missing.

    The first recording that fills a window, or else the longest one.
    """
    splits = ("test", "validation", "train")
    for store in run.stores:
        for split in splits:
            try:
                clips = store.examples(split)
            except (UserError, OSError, ValueError):
                continue
            samples = round(run.config.window_s * store.sample_rate_hz)
            index = int(np.argmax(np.minimum(clips.lengths, samples)))
            window = clips.windows([index], np.zeros(1, int), samples)[0]
            file = clips.files[index] or f"clip {index}"
            return window, f"{file} ({split} split)", None
    return (
        None,
        "",
        "There is no example to show: "
        + (" ".join(run.problems) or "the clip store is gone."),
    )


def _regions(run: Run, regions, spectrogram, title: str) -> page.Html:
    told = "; ".join(
        f"after {name} up to {hz:.1f} Hz and {cycles:.3f} cycles per band"
        for name, hz, cycles in regions
    )
    description = f"Modulations that are left: {told}."
    limits = (run.cutoffs[0]["rate"] / 2, run.cutoffs[1]["rate"] / 2)
    spectrum = None
    caption = (
        "Each frame is what is left after a block (its name or "
        "number): at the edge its filters halve the modulation (-6 dB)."
    )
    if spectrogram is not None:
        spectrum = kept.modulation_spectrum_db(spectrogram)
        caption = f"The modulation spectrum of {title}. {caption}"
    picture = band_plots.kept_regions(regions, limits, spectrum, description)
    return page.figure(picture, caption)


def _masks(run: Run, axis: str) -> page.Html:
    rows = [row for row in run.cutoffs if row["axis"] == axis]
    unit = cutoffs.UNITS[axis]
    told = "; ".join(
        f"{row['block']} flat to {row['flat']:.3g}, zero from {row['zero']:.3g}"
        for row in rows
    )
    picture = band_plots.masks(
        rows, unit, f"Gain along {axis} in {unit}: {told}."
    )
    return page.figure(
        picture,
        f"The filters along {axis}, each alone: a block keeps what lies "
        "before its slope, and nothing beyond half the rate it gets.",
    )


def _panels(run: Run, spectrogram, filtered: bool):
    bands_hz = kept.band_centres_hz(run.model.front_end)
    stages = [spectrogram, *kept.remains(run.model, spectrogram)]
    variance = np.var(spectrogram) or 1.0
    for number, values in enumerate(stages):
        frames, bands = values.shape
        name = f"After block {number}" if number else "Input"
        caption = f"{name}: {frames} frames × {bands} bands"
        if number and filtered:
            caption += f", {100 * np.var(values) / variance:.0f} % of its "
            caption += "variance"
        picture = band_plots.spectrogram(
            values,
            (spectrogram.min(), spectrogram.max()),
            run.config.window_s,
            bands_hz,
            f"Log-mel spectrogram. {caption}.",
        )
        yield page.figure(picture, f"{caption}.")


def total_cost(run: Run) -> tuple[int, int]:
    """Multiply-adds of the network and of the strided one, per window."""
    bands = run.config.front_end.num_bands
    heads = multiply_adds.of_heads(run.model)
    return tuple(
        heads
        + sum(
            row["total"] for row in encoder.multiply_adds((run.frames, bands))
        )
        for encoder in (
            run.model.encoder,
            multiply_adds.strided_baseline(run.model.encoder),
        )
    )


def cost_section(run: Run) -> page.Html:
    """Multiply-adds per block, beside those of strided convolutions."""
    bands = run.config.front_end.num_bands
    size = (run.frames, bands)
    encoder = run.model.encoder
    own = encoder.multiply_adds(size)
    twin = multiply_adds.strided_baseline(encoder).multiply_adds(size)
    rows = [
        (
            row["block"],
            "{} × {}".format(*row["output_size"]),
            millions(row["convolution"]),
            millions(row["resampling"]),
            millions(row["total"]),
            "{} × {}".format(*strided["output_size"]),
            millions(strided["total"]),
            f"{row['total'] / strided['total']:.1f}",
        )
        for row, strided in zip(own, twin)
    ]
    heads = multiply_adds.of_heads(run.model)
    rows.append(
        ("heads", "", "", "", millions(heads), "", millions(heads), "1.0")
    )
    total, strided_total = total_cost(run)
    rows.append(
        (
            "in all",
            "",
            millions(sum(row["convolution"] for row in own)),
            millions(sum(row["resampling"] for row in own)),
            millions(total),
            "",
            millions(strided_total),
            f"{total / strided_total:.1f}",
        )
    )
    return page.section(
        "cost",
        "Cost",
        page.paragraph(
            f"Millions of multiply-adds for one window of "
            f"{run.config.window_s:g} s, counted from the sizes that the "
            "maps really have, beside the same network with strided "
            "convolutions of the strides that training started at. Without "
            "the log-mel front end, activations and norms."
        ),
        page.table(
            "Millions of multiply-adds per window",
            (
                "block",
                "output (frames × bands)",
                "convolutions",
                "resampling",
                "total",
                "strided: output",
                "strided: total",
                "ratio",
            ),
            rows,
        ),
    )


def millions(count: int) -> str:
    """A count in millions, with three digits or so.

    >>> millions(123_456_789), millions(1_234_567), millions(1_920)
    ('123', '1.23', '0.002')
    """
    if not count:
        return "0"
    value = count / 1e6
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits if value >= 0.1 else 3}f}"
