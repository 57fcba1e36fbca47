"""Part "time_to_accuracy": how long trainings take to reach a score.

Steps a second say little if one recipe needs twice the steps of another. So
every arm is trained on recordings of the user, by the recipe as it is and by
other settings of it, and scored on held-out recordings on the way.
"""

from __future__ import annotations

import argparse
import dataclasses

from audio_diffstride.benchmark import (
    accuracy_trainings,
    score_curve,
    seed_medians,
    tables,
)
from audio_diffstride.benchmark.accuracy_trainings import Training
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


def _print_medians(title: str, rows: list[tables.Row]) -> None:
    tables.print_table(
        title,
        seed_medians.medians(rows),
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
