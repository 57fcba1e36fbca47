"""How well the model does, per task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.evaluation import plots, score_files
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

    The list is empty if the run was not evaluated. A task with several labels
    has no confusions.
    """
    if run.evaluation is None:
        return []
    return [
        {
            "name": task,
            "scores": scores,
            "headline": score_files.headline(scores)[0],
            "of_one_label": score_files.kind_of(scores) is ONE_LABEL,
            "per_class": [_with_interval(row) for row in scores["per_class"]],
            "overall": _OVERALL[score_files.kind_of(scores)](scores),
            "confusions": confusions.describe(task, scores),
            "curves": _curves(run, task),
            "worst": recordings.worst(run, task),
        }
        for task, scores in run.evaluation["tasks"].items()
    ]


def _with_interval(row: Mapping[str, Any]) -> dict[str, Any]:
    """A class with the interval of its average precision, as text."""
    low, high = (row.get(f"average_precision_{end}") for end in ("low", "high"))
    text = "-" if low is None else f"{100 * low:.1f} to {percent(high)}"
    return {**row, "interval": text}


def _overall_of_several(
    scores: Mapping[str, Any],
) -> list[tuple[str, str, str]]:
    """Rows of score, value and interval, of a task with several labels."""
    rows = [
        (title, percent(scores[name]), interval(scores, name))
        for name, title in (
            ("mean_average_precision", "mean average precision over classes"),
            ("recordings_average_precision", "average precision by recording"),
            ("auroc", "AUROC, mean over classes"),
            ("f1", f"F1 at {scores['threshold']:g}, mean over classes"),
        )
    ]
    micro = f"F1 at {scores['threshold']:g}, of all labels together"
    chance = "mean average precision of a random order"
    return [
        *rows,
        (micro, percent(scores["micro_f1"]), ""),
        (chance, percent(scores["chance"]), ""),
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


_OVERALL = {ONE_LABEL: _overall, SEVERAL_LABELS: _overall_of_several}


def _curves(run: Run, task: str) -> tuple[Markup, Markup]:
    """Scores against the threshold, and precision against recall."""
    names = ("threshold", "precision", "recall", "f1")
    assert run.evaluation is not None
    points = run.task_table(task, layout.CURVES, ["class"], names)
    pooled = plots.columns_of(points, ALL_CLASSES)
    # A curve of each class, if these are few, where no matrix tells them apart.
    several = {}
    if score_files.kind_of(run.evaluation["tasks"][task]) is SEVERAL_LABELS:
        several = plots.curves_of_classes(points)
    with svg.new_axes() as (figure, axes):
        plots.plot_thresholds(axes, pooled)
        figure.legend(loc="outside lower left", ncols=3)
        thresholds = svg.to_svg(
            figure, f"Precision, recall and F1 of {task} against the threshold."
        )
    with svg.new_axes() as (figure, axes):
        plots.plot_precision_recall(axes, pooled, several)
        if several:
            figure.legend(loc="outside lower left", ncols=4, fontsize=8)
        return thresholds, svg.to_svg(
            figure, f"Precision of {task} against recall."
        )
