"""The sections on how well it does, a section per task."""

from __future__ import annotations

from audio_diffstride.report import confusions, page, plots, recordings
from audio_diffstride.report.run import Run
from audio_diffstride.runs import layout


def percent(value: float | None) -> str:
    """A share, or a dash where there is none."""
    return "-" if value is None else f"{100 * value:.1f} %"


def task_cards(run: Run):
    """(name, accuracy, what it is worth) per task, for `page.cards`."""
    if run.evaluation is None:
        return
    split = run.evaluation["split"]
    for task, scores in run.evaluation["tasks"].items():
        yield (
            f"{task}: accuracy",
            percent(scores["accuracy"]),
            f"{_interval(scores, 'accuracy')}{scores['recordings']:,} "
            f"{split} recordings",
        )


def _interval(scores, name: str) -> str:
    low_high = scores["intervals"].get(name)
    if not low_high:
        return ""
    low, high = (100 * edge for edge in low_high)
    return f"95 %: {low:.1f} to {high:.1f} %; "


def sections(run: Run):
    """(identifier, title, section) per task, or one that says how to get it."""
    if run.evaluation is None:
        command = page.code(f"python evaluate.py --workdir={run.workdir}")
        yield (
            "scores",
            "Scores",
            page.section(
                "scores",
                "Scores",
                page.note(
                    "This run has not been evaluated yet: run ",
                    command,
                    ", then this report again.",
                ),
            ),
        )
        return
    for number, task in enumerate(run.evaluation["tasks"], start=1):
        title = f"Scores: {task}"
        identifier = f"scores-{number}"
        content = list(_task(run, task, identifier))
        yield identifier, title, page.section(identifier, title, *content)


def _task(run: Run, task: str, identifier: str):
    scores = run.evaluation["tasks"][task]
    yield page.paragraph(
        f"{run.evaluation['model']}.keras on {_origin(run, scores)}: whole "
        "recordings, the outputs of their windows averaged."
    )
    yield _overall(task, scores)
    if scores["absent"]:
        yield page.note(
            f"Classes without a recording in this split: "
            f"{', '.join(scores['absent'])}."
        )
    yield page.element("h3", "Per class")
    yield _per_class(task, scores)
    yield page.element("h3", "What is taken for what")
    yield page.paragraph(
        "Rows are the true classes, columns the predicted ones."
    )
    yield confusions.confusions(task, scores, identifier)
    yield page.element("h3", "Curves")
    yield page.side_by_side(*_curves(run, task))
    yield page.element("h3", "Worst-scored recordings")
    yield recordings.worst(run, task)


def _origin(run: Run, scores) -> str:
    split = run.evaluation["split"]
    return f"the {split} split ({scores['split_name']}) of {scores['data']}"


def _overall(task: str, scores) -> page.Html:
    rows = []
    for name, key in (
        ("accuracy", "accuracy"),
        ("balanced accuracy", "balanced_accuracy"),
    ):
        interval = scores["intervals"].get(key)
        rows.append((name, percent(scores[key]), _range(interval)))
    for k, value in scores["top_k"].items():
        rows.append((f"among the best {k}", percent(value), ""))
    rows.append(
        ("always the most frequent class", percent(scores["chance"]), "")
    )
    remark = f"{scores['recordings']:,} recordings"
    resampled = scores["resampled"]
    if resampled == "groups":
        remark += f" of {scores['groups']:,} groups"
    header = f"95 % interval ({resampled} resampled)"
    caption = f"{task}: {remark}"
    return page.table(caption, ("score", "value", header), rows)


def _range(interval) -> str:
    if not interval:
        return ""
    low, high = interval
    return f"{100 * low:.1f} to {percent(high)}"


def _per_class(task: str, scores) -> page.Html:
    names = ("precision", "recall", "f1", "average_precision", "auroc")
    rows = []
    for row in scores["per_class"]:
        cells = [percent(row[name]) for name in names]
        cells[2] = page.join([cells[2], _bar(row["f1"])])
        rows.append((row["class"], f"{row['support']:,}", *cells))
    header = (
        "class",
        "recordings",
        "precision",
        "recall",
        "F1",
        "average precision",
        "AUROC",
    )
    return page.table(f"Scores per class: {task}", header, rows)


def _bar(share: float | None) -> page.Html:
    """The share as a length, for the eye; the number stands beside it."""
    width = 100 * (share or 0)
    inner = page.element("span", style=f"width:{width:.0f}%")
    return page.element("span", inner, class_="bar", aria_hidden="true")


def _curves(run: Run, task: str):
    """Precision against recall, and both against the threshold."""
    columns = ("threshold", "precision", "recall", "f1")
    rows = run.task_table(task, layout.CURVES, ["class"], columns)
    # The rows without a class are of all of them together.
    pooled = [row for row in rows if not row["class"]]
    values = {c: [row[c] for row in pooled] for c in columns}
    lines = [
        {
            "name": name.replace("f1", "F1"),
            "x": values["threshold"],
            "y": values[name],
            "color": plots.SERIES[number],
            "dashed": False,
        }
        for number, name in enumerate(columns[1:])
    ]
    yield page.figure(
        plots.lines(
            lines,
            "threshold on the score",
            "share",
            f"Precision, recall and F1 of {task} against the threshold.",
            epochs=False,
        ),
        "Precision, recall and F1 of all classes together, if a class counts "
        "as found from that score on.",
    )
    line = {**lines[0], "x": values["recall"], "name": "all classes"}
    yield page.figure(
        plots.lines(
            [line],
            "recall",
            "precision",
            f"Precision of {task} against recall.",
            epochs=False,
        ),
        "Precision against recall; the curves of every class are in "
        "curves.csv.",
    )
