"""The page on a run: plain data, laid out by the templates of this folder."""

from __future__ import annotations

import jinja2

from audio_diffstride.config.arms import ARMS
from audio_diffstride.report import (
    calibration,
    cost,
    data,
    kept_bands,
    scores,
    shortcuts,
    training,
)
from audio_diffstride.report.run import Run


def render(run: Run) -> str:
    """Writes the HTML page on a run, which needs no other file.

    Every name is escaped, except the pictures of `svg.to_svg`.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("audio_diffstride.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "columns": lambda rows, keys: [[row[k] for k in keys] for row in rows],
        "interval": scores.interval,
        "millions": cost.millions,
        "percent": scores.percent,
    }
    arm = run.config.model.downsampling
    return environment.get_template("page.html").render(
        run=run,
        arm=ARMS[arm].title if arm in ARMS else arm,
        data=data.describe(run),
        shortcuts=shortcuts.describe(run),
        curves=training.curves(run),
        strides=training.strides(run),
        folding=training.folding(run),
        tasks=scores.tasks(run),
        calibration=calibration.describe(run),
        kept=kept_bands.describe(run),
        cost=cost.describe(run),
    )
