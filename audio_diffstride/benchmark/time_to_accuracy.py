"""Part "time_to_accuracy": how long trainings take to reach a score.

Steps a second say little if one recipe needs twice the steps of another. So
every arm is trained on recordings of the user, by the recipe as it is and by
other settings of it, and scored on held-out recordings on the way.
"""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

import numpy as np

from audio_diffstride.benchmark import (
    accuracy_trainings,
    score_curve,
    tables,
)
from audio_diffstride.benchmark.accuracy_trainings import BEFORE, Training
from audio_diffstride.benchmark.score_curve import ScoreCurve


def run(args: argparse.Namespace) -> list[tables.Row]:
    """Trains, prints a line for each, and a table with the medians."""
    trainings = accuracy_trainings.read(args)
    rows = []
    for number, training in enumerate(trainings, start=1):
        curve = score_curve.measure(
            training.config,
            training.stores,
            args.split,
            args.target if args.stop else None,
        )
        row = _row(training, curve, args.target)
        rows.append(row)
        reached = (
            f"{row['steps']} steps, {row['seconds']:.1f} s"
            if row["steps"]
            else "not reached"
        )
        print(
            f"{number} of {len(trainings)}: {training.arm}, "
            f"{training.setting}, seed {row['seed']}: {reached}",
            flush=True,
        )
    _print_medians(f"To a score of {args.target:g}", rows)
    return rows


def _row(training: Training, curve: ScoreCurve, target: float) -> tables.Row:
    reached = curve.first_to_reach(target)
    return {
        "arm": training.arm,
        "setting": training.setting,
        "fields": training.fields,
        "seed": training.config.seed,
        "target": target,
        "steps": reached and reached.step,
        "seconds": reached and reached.seconds,
        "cpu_s": reached and reached.cpu_s,
        "first_step_s": curve.first_step_s,
        "last_score": curve.points[-1].score if curve.points else None,
        "curve": [dataclasses.asdict(point) for point in curve.points],
    }


def medians(rows: list[tables.Row]) -> list[tables.Row]:
    """A row per arm and setting, with medians over the seeds.

    A seed that does not reach the target counts as the longest of all.
    """
    found = []
    for arm, setting in dict.fromkeys((r["arm"], r["setting"]) for r in rows):
        same = [r for r in rows if (r["arm"], r["setting"]) == (arm, setting)]
        found.append({"arm": arm, "setting": setting, **_medians(same)})
    return found


def _print_medians(title: str, rows: list[tables.Row]) -> None:
    """A line per arm and setting, and the ratios of times."""
    lines = medians(rows)
    before = {r["arm"]: r for r in lines if r["setting"] == BEFORE}
    for row in lines:
        for what in ("seconds", "cpu_s"):
            reference = before[row["arm"]][what]
            both = row[what] and reference
            row[f"{what}_ratio"] = row[what] / reference if both else None
    tables.print_table(
        title,
        lines,
        {
            "arm": tables.text("arm"),
            "setting": tables.text("setting"),
            "reached": tables.text("reached"),
            "steps": tables.number("steps", 0),
            "s": tables.number("seconds"),
            "beside before": tables.number("seconds_ratio", 2, suffix=" x"),
            "CPU s": tables.number("cpu_s"),
            "beside it": tables.number("cpu_s_ratio", 2, suffix=" x"),
            "first step, s": tables.number("first_step_s"),
            "at the end": tables.number("last_score", 3),
        },
    )


def _medians(rows: list[tables.Row]) -> dict[str, Any]:
    def median(quantity: str) -> float | None:
        values = [np.inf if r[quantity] is None else r[quantity] for r in rows]
        middle = float(np.median(values))
        return middle if np.isfinite(middle) else None

    hits = sum(row["steps"] is not None for row in rows)
    quantities = ("steps", "seconds", "cpu_s", "first_step_s", "last_score")
    return {
        "reached": f"{hits} of {len(rows)}",
        **{quantity: median(quantity) for quantity in quantities},
    }
