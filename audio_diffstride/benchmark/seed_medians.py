"""Medians of trainings that differ in their seed, beside the plain recipe."""

from __future__ import annotations

from typing import Any

import numpy as np

from audio_diffstride.benchmark.accuracy_arguments import BEFORE

Row = dict[str, Any]

_OF_THE_TARGET = ("steps", "seconds", "cpu_s")
_QUANTITIES = (*_OF_THE_TARGET, "first_step_s", "last_score")


def medians(rows: list[Row]) -> list[Row]:
    """A row per arm and setting, with medians over the seeds.

    A seed that does not reach the target counts as the longest of all. What it
    takes to reach it is also there relative to `BEFORE`, as "steps_ratio" and
    so on. What is not known is None.

    Args:
        rows: of the part "time_to_accuracy".
    """
    found = []
    for arm, setting in dict.fromkeys((r["arm"], r["setting"]) for r in rows):
        same = [r for r in rows if (r["arm"], r["setting"]) == (arm, setting)]
        hits = sum(row["steps"] is not None for row in same)
        found.append(
            {
                "arm": arm,
                "setting": setting,
                "reached": f"{hits} of {len(same)}",
                **{q: _median([row[q] for row in same]) for q in _QUANTITIES},
            }
        )
    before = {row["arm"]: row for row in found if row["setting"] == BEFORE}
    for row in found:
        for quantity in _OF_THE_TARGET:
            reference = before[row["arm"]][quantity]
            both = row[quantity] and reference
            row[f"{quantity}_ratio"] = (
                row[quantity] / reference if both else None
            )
    return found


def _median(values: list[float | None]) -> float | None:
    middle = float(np.median([np.inf if v is None else v for v in values]))
    return middle if np.isfinite(middle) else None
