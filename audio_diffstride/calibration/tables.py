"""A calibration as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audio_diffstride.calibration.thresholds import EVIDENCE, Aim
from audio_diffstride.errors import join_some
from audio_diffstride.terminal.text_table import aligned

HEADER = (
    "class",
    "threshold",
    "precision",
    "95 % interval",
    "recall",
    "95 % interval",
    "recordings",
)


def format_task(task: str, entry: Mapping[str, Any], aim: Aim) -> str:
    """The temperature, the calibration error and the thresholds of a task.

    Args:
        task: its name.
        entry: of the task, in calibration.json.
        aim: of the thresholds.
    """
    parts = [
        summary(task, entry),
        "",
        f"{task}: {title(entry, aim)}",
        *aligned([[*HEADER], *map(cells, entry["table"])]),
        *remarks(entry, aim),
    ]
    return "\n".join(parts)


def title(entry: Mapping[str, Any], aim: Aim) -> str:
    """What the thresholds of a table are.

    >>> title({"top": "1"}, Aim("precision", 0.9))
    'thresholds for a precision of 0.9, for the best class of a window'
    """
    what = "one threshold" if aim.pooled else "thresholds"
    classes = "the best class" if entry["top"] == "1" else "all classes"
    return f"{what} for {aim}, for {classes} of a window"


def summary(task: str, entry: Mapping[str, Any]) -> str:
    """What was fitted on what, and what it changes, as two sentences."""
    error = entry["expected_calibration_error"]
    return (
        f"{task}: temperature {entry['temperature']:.2f}, fitted on "
        f"{entry['windows']:,} windows of {entry['recordings']:,} validation "
        f"recordings ({entry['units']:,} {entry['unit']}). Expected "
        f"calibration error: {percent(error['before'])} before, "
        f"{percent(error['after'])} after."
    )


def cells(row: Mapping[str, Any]) -> list[str]:
    """The cells of a row of the table, in the order of `HEADER`.

    >>> cells({"class": None, "recordings": 30, "own": True, "threshold": None,
    ...        "precision": 0.9, "precision_interval": [0.8, 0.95],
    ...        "recall": None, "recall_interval": None})
    ['all', '', '90.0 %', '80.0 to 95.0 %', '-', '-', '30']
    """
    if row["class"] is None:
        threshold = ""
    elif row["threshold"] is None:
        threshold = "none"
    else:
        threshold = f"{row['threshold']:.4f}"
        threshold += "" if row["own"] else " (pooled)"
    return [
        "all" if row["class"] is None else row["class"],
        threshold,
        percent(row["precision"]),
        _interval(row["precision_interval"]),
        percent(row["recall"]),
        _interval(row["recall_interval"]),
        f"{row['recordings']:,}",
    ]


def remarks(entry: Mapping[str, Any], aim: Aim) -> list[str]:
    """What the reader of the table must know."""
    left_out = "each group" if entry["unit"] == "groups" else "each file"
    lines = [
        f"precision and recall: of thresholds that were fitted without "
        f"{left_out}, on that one"
        if entry["units"] <= 10
        else f"precision and recall: of thresholds that were fitted without a "
        f"tenth of the {entry['unit']}, on that tenth"
    ]
    rows = entry["table"][:-1]
    few = [row["class"] for row in rows if not row["own"]]
    if few and not aim.pooled:
        lines.append(
            f"pooled: the threshold of all classes together, for "
            f"{join_some(few)} with fewer than {EVIDENCE} recordings"
        )
    if missed := [row["class"] for row in rows if row["threshold"] is None]:
        lines.append(
            f"none: no threshold reaches {aim} for {join_some(missed)}"
        )
    return lines


def percent(share: float | None) -> str:
    """A share in percent, or a dash where there is none."""
    return "-" if share is None else f"{100 * share:.1f} %"


def _interval(edges: list[float] | None) -> str:
    if edges is None:
        return "-"
    return f"{100 * edges[0]:.1f} to {percent(edges[1])}"
