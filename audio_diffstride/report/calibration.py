"""How far probabilities can be trusted, and the thresholds that were fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from audio_diffstride.calibration import calibration_file, tables
from audio_diffstride.calibration.calibration_file import BEFORE_AND_AFTER
from audio_diffstride.errors import UserError
from audio_diffstride.report import svg
from audio_diffstride.report.run import Run
from audio_diffstride.runs import layout


def describe(run: Run) -> dict[str, Any] | None:
    """The calibration of the model on the page; None if there is none.

    Returns:
        Its "problem" if it cannot be used, else "". For each of its "tasks" the
        "name", the "summary", the "picture", and of the table its "title",
        "rows" and "remarks".
    """
    path = run.workdir / layout.MODEL.format(which=run.which)
    try:
        found = calibration_file.find(path)
    except UserError as error:
        return {"problem": str(error), "tasks": []}
    if found is None:
        return None
    return {
        "problem": "",
        "tasks": [
            {
                "name": task,
                "title": tables.title(entry, found.aim),
                "summary": tables.summary(task, entry),
                "picture": _draw(task, entry["reliability"]),
                "rows": [tables.cells(row) for row in entry["table"]],
                "remarks": tables.remarks(entry, found.aim),
            }
            for task, entry in found.content["tasks"].items()
        ],
    }


def _draw(task: str, bins: Mapping[str, list[list[float]]]) -> Markup:
    """The reliability diagram: the share of right answers by confidence."""
    with svg.new_axes() as (figure, axes):
        axes.plot([0, 1], [0, 1], color=svg.TEXT, linewidth=0.8)
        for name, line in zip(BEFORE_AND_AFTER, ("--", "-")):
            _, confidence, right = zip(*bins[name])
            axes.plot(
                confidence,
                right,
                label=f"{name} calibration",
                linestyle=line,
                marker="o",
                markersize=3,
            )
        axes.set(xlabel="confidence", ylabel="share of right answers")
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
        axes.grid(True)
        figure.legend(loc="outside lower left", ncols=2)
        return svg.to_svg(
            figure,
            f"Share of right answers of {task} by confidence, before and "
            "after calibration.",
        )
