"""How well the model does, per task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from audio_diffstride.evaluation import plots
from audio_diffstride.evaluation.metrics import ALL_CLASSES
from audio_diffstride.report import confusions, recordings, svg
from audio_diffstride.report.run import Run
from audio_diffstride.runs import layout


def percent(share: float | None) -> str:
    """A share in percent, or a dash where there is none."""
    return "-" if share is None else f"{100 * share:.1f} %"


def interval(scores: Mapping[str, Any], name: str) -> str:
    """The 95 % interval of a score, or "" where there is none."""
    if not scores["intervals"].get(name):
        return ""
    low, high = scores["intervals"][name]
    return f"{100 * low:.1f} to {percent(high)}"


def tasks(run: Run) -> list[dict[str, Any]]:
    """Scores, confusions, curves and worst recordings of every task.

    The list is empty if the run was not evaluated.
    """
    if run.evaluation is None:
        return []
    return [
        {
            "name": task,
            "scores": scores,
            "overall": _overall(scores),
            "confusions": confusions.describe(task, scores),
            "curves": _curves(run, task),
            "worst": recordings.worst(run, task),
        }
        for task, scores in run.evaluation["tasks"].items()
    ]


def _overall(scores: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Rows of score, value and interval."""
    rows = [
        (key.replace("_", " "), percent(scores[key]), interval(scores, key))
        for key in ("accuracy", "balanced_accuracy")
    ]
    for k, value in scores["top_k"].items():
        rows.append((f"among the best {k}", percent(value), ""))
    chance = percent(scores["chance"])
    return [*rows, ("always the most frequent class", chance, "")]


def _curves(run: Run, task: str) -> tuple[Markup, Markup]:
    """Scores against the threshold, and precision against recall."""
    names = ("threshold", "precision", "recall", "f1")
    points = run.task_table(task, layout.CURVES, ["class"], names)
    pooled = plots.columns_of(points, ALL_CLASSES)
    with svg.new_axes() as (figure, axes):
        plots.plot_thresholds(axes, pooled)
        figure.legend(loc="outside lower left", ncols=3)
        thresholds = svg.to_svg(
            figure, f"Precision, recall and F1 of {task} against the threshold."
        )
    with svg.new_axes() as (figure, axes):
        plots.plot_precision_recall(axes, pooled)
        return thresholds, svg.to_svg(
            figure, f"Precision of {task} against recall."
        )
