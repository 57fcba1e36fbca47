"""What is taken for what: a matrix, and the most frequent confusions."""

from __future__ import annotations

from audio_diffstride.report import page, plots

# A confusion matrix of more classes is a picture, not a table.
_LARGEST_TABLE = 16
_MAX_CONFUSIONS = 10


def confusions(task: str, scores, identifier: str) -> page.Html:
    """The confusion matrix, and the most frequent confusions.

    Args:
        task: the name.
        scores: the task's part of an evaluation.
        identifier: of the section, for the table's id.
    """
    classes, matrix = scores["classes"], scores["confusion_matrix"]
    if len(classes) <= _LARGEST_TABLE:
        whole = _matrix(task, classes, matrix, f"{identifier}-confusion")
    else:
        whole = page.figure(
            plots.confusion_image(
                matrix,
                f"Confusion matrix of {task}, {len(classes)} classes; the "
                "most frequent confusions are in the table beside it.",
            ),
            "Confusion matrix, in the order of the table above.",
        )
    return page.side_by_side(whole, _most_frequent(task, classes, matrix))


def _most_frequent(task: str, classes, matrix) -> page.Html:
    wrong = sorted(
        (
            (count, classes[true], classes[predicted], sum(row))
            for true, row in enumerate(matrix)
            for predicted, count in enumerate(row)
            if count and true != predicted
        ),
        key=lambda entry: -entry[0],
    )
    if not wrong:
        return page.paragraph("No recording is taken for another class.")
    return page.table(
        f"Confusions: {task}",
        ("true class", "taken for", "recordings", "of the true class"),
        [
            (true, predicted, str(count), f"{100 * count / total:.1f} %")
            for count, true, predicted, total in wrong[:_MAX_CONFUSIONS]
        ],
        2,
    )


def _matrix(task: str, classes, matrix, label: str) -> page.Html:
    header = page.element(
        "tr",
        page.element("th", "true class", scope="col"),
        *(
            page.element(
                "th", page.element("span", name, title=name), scope="col"
            )
            for name in classes
        ),
    )
    rows = []
    for true, (name, row) in enumerate(zip(classes, matrix)):
        total = max(1, sum(row))
        cells = [
            page.element(
                "td",
                str(count),
                class_=None if count else "none",
                style=_heat(count / total, true == predicted),
            )
            for predicted, count in enumerate(row)
        ]
        rows.append(
            page.element("tr", page.element("th", name, scope="row"), *cells)
        )
    caption = f"Confusion matrix: {task}"
    return page.scrolling(
        page.element(
            "table",
            page.element("caption", caption, id=label),
            page.element("thead", header),
            page.element("tbody", *rows),
            # Long names stand upright, so that the columns stay narrow.
            class_="matrix named" if max(map(len, classes)) > 3 else "matrix",
        ),
        label,
    )


def _heat(share: float, right: bool) -> str | None:
    """A cell's colour, never so strong that its number is hard to read."""
    if not share:
        return None
    name = "heat" if right else "heat-wrong"
    return f"background:rgba(var(--{name}),{0.12 + 0.33 * share:.2f})"
