"""What the layers keep: cut-off frequencies, and what is left of an example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from audio_diffstride import cutoffs
from audio_diffstride.errors import UserError
from audio_diffstride.report import band_plots, spectrograms
from audio_diffstride.report.run import Run


def describe(run: Run) -> dict[str, Any]:
    """The cut-off report as a table and as pictures.

    Returns:
        "header", "rows": the cut-offs. "filtered": whether the layers have a
        filter. "region": the kept modulations, "masks": (axis, picture), both
        only if filtered. "example": the name of a recording, or None and
        "problem"; "stages": (caption, picture) of what each block leaves.
    """
    header, *rows = cutoffs.table_cells(cutoffs.summarise([run.cutoffs]))
    corners = spectrograms.kept_corners(run.cutoffs)
    window, example = _example(run)
    db = None if window is None else spectrograms.log_mel_db(run.model, window)
    problem = " ".join(run.problems) or "the clip store is gone."
    return {
        "header": header,
        "rows": [[cell.replace("->", "→") for cell in row] for row in rows],
        "filtered": bool(corners),
        "region": _region(run, corners, db) if corners else None,
        "masks": [(axis, _masks(run, axis)) for axis in cutoffs.AXES]
        if corners
        else [],
        "example": example,
        "problem": problem if db is None else None,
        "stages": [] if db is None else list(_stages(run, db, bool(corners))),
    }


def _example(run: Run) -> tuple[np.ndarray | None, str | None]:
    """Samples of one window, and what they are of.

    The first recording that fills a window, or else the longest one.
    """
    for store in run.stores:
        for split in ("test", "validation", "train"):
            try:
                clips = store.examples(split)
            except (UserError, OSError, ValueError):
                continue
            samples = round(run.config.window_s * store.sample_rate_hz)
            index = int(np.argmax(np.minimum(clips.lengths, samples)))
            window = clips.windows([index], np.zeros(1, int), samples)[0]
            file = clips.files[index] or f"clip {index}"
            return window, f"{file} ({split} split)"
    return None, None


def _region(
    run: Run,
    corners: Sequence[tuple[str, float, float]],
    db: np.ndarray | None,
) -> Markup:
    ranges = "; ".join(
        f"after {name} up to {hz:.1f} Hz and {cycles:.3f} cycles per band"
        for name, hz, cycles in corners
    )
    return band_plots.plot_region(
        corners,
        (run.cutoffs[0]["rate"] / 2, run.cutoffs[1]["rate"] / 2),
        None if db is None else spectrograms.modulation_spectrum_db(db),
        f"Modulations that are left: {ranges}.",
    )


def _masks(run: Run, axis: str) -> Markup:
    rows = [row for row in run.cutoffs if row["axis"] == axis]
    unit = cutoffs.UNITS[axis]
    ranges = "; ".join(
        f"{row['block']} flat to {row['flat']:.3g}, zero from {row['zero']:.3g}"
        for row in rows
    )
    return band_plots.plot_masks(
        rows, unit, f"Gain along {axis} in {unit}: {ranges}."
    )


def _stages(
    run: Run, db: np.ndarray, filtered: bool
) -> Iterator[tuple[str, Markup]]:
    stages = [db, *spectrograms.downsample(run.model, db)]
    variance = np.var(db) or 1.0
    for number, values in enumerate(stages):
        frames, bands = values.shape
        name = f"After block {number}" if number else "Input"
        caption = f"{name}: {frames} frames × {bands} bands"
        if number and filtered:
            share = 100 * np.var(values) / variance
            caption += f", {share:.0f} % of its variance"
        yield (
            f"{caption}.",
            band_plots.plot_spectrogram(
                values,
                (db.min(), db.max()),
                run.config.window_s,
                run.model.front_end.band_centres_hz,
                f"Log-mel spectrogram. {caption}.",
            ),
        )
