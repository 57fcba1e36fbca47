"""Draw the detection curve: what is found, and how many false alarms."""

from __future__ import annotations

import os
from collections.abc import Sequence

from audio_diffstride.events.scores import Counts
from audio_diffstride.files import figures


def draw(
    points: Sequence[tuple[float, Counts]],
    title: str,
    path: str | os.PathLike[str],
) -> None:
    """Draws recall by false alarms, and scores by the threshold, as a PNG.

    Args:
        points: (threshold, counts of all classes).
        title: above the figure.
        path: of the PNG.
    """
    limits = [threshold for threshold, _ in points]
    counts = [of for _, of in points]
    with figures.new_figure(9, 3.8) as figure:
        left, right = figure.subplots(1, 2)
        left.plot(
            [of.false_alarms_per_hour for of in counts],
            [of.recall for of in counts],
            marker=".",
        )
        left.set_xscale("symlog", linthresh=1)
        left.xaxis.set_major_formatter("{x:g}")  # others need a parser of TeX
        left.set(
            xlabel="false alarms per hour",
            ylabel="recall of events",
            ylim=(0, 1.02),
        )
        left.grid(True)
        for name in ("f1", "precision", "recall"):
            values = [getattr(of, name) for of in counts]
            right.plot(limits, values, marker=".", label=name)
        right.set(xlabel="threshold", xlim=(0, 1), ylim=(0, 1.02))
        right.grid(True)
        right.legend()
        figure.suptitle(title)
        figures.save_png(figure, path)
