r"""Compares detections with annotations, event by event.

Example:
    audio-diffstride predict --workdir runs/mine FIELD/ --output found.csv \
        --hop_s 0.25 --threshold 0.05
    audio-diffstride events --detections found.csv --annotations truth.csv \
        --hop_s 0.25 --threshold 0.5 --output events.csv

Detections are a CSV of predict, of any other tool (--detection_columns), or
Raven tables. Annotations are a CSV with a row for each (path, start_s, end_s
and a column of classes), Raven tables, or Audacity labels beside recordings.

Windows of a class over --threshold that overlap or touch become one event. It
is right if its begin is within --collar_s of that of an annotated event, and
its end within that or half the annotated length. Everything else that is found
is a false alarm.

Written: the scores of each class at up to 100 thresholds, in --output, and a
picture beside it, with the suffix .png.
"""

from __future__ import annotations

import argparse
import math
import pathlib
from typing import TYPE_CHECKING

from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, outputs
from audio_diffstride.terminal import text_table
from audio_diffstride.terminal.notices import note

if TYPE_CHECKING:  # it loads SciPy
    from audio_diffstride.events.scores import Counts

_COLUMNS = (
    *("class", "threshold", "f1", "precision", "recall"),
    *("false_alarms_per_hour", "right", "found", "annotated"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride events`."""
    add = parser.add_argument
    path = pathlib.Path
    add("--detections", type=path, required=True, metavar="CSV_OR_TABLES")
    add("--annotations", type=path, required=True, metavar="CSV_OR_TABLES")
    add("--output", type=path, required=True, metavar="OUT.csv")
    add(
        "--threshold",
        type=float,
        metavar="P",
        help="the lowest score of a detection in the table that is printed; "
        "default: all that were given",
    )
    add(
        "--hop_s",
        type=float,
        help="the hop of the windows: each stands for so much of its middle. "
        "Without it, overlapping windows make events longer than they are",
    )
    add(
        "--collar_s",
        type=float,
        default=0.5,
        help="how far the begin of an event may be off; default 0.5",
    )
    add(
        "--onset_only",
        action="store_true",
        help="compare the begins of events alone",
    )
    add("--task", help="whose classes to compare; default: the only one")
    add(
        "--split",
        choices=("train", "validation", "test"),
        help="the split of the annotations to compare with; default: all",
    )
    add(
        "--columns",
        default="",
        metavar="NAME=COLUMN,...",
        help="how the annotations name their columns, as in train",
    )
    add(
        "--detection_columns",
        default="",
        metavar="NAME=COLUMN,...",
        help="how a CSV of detections names file, start_s, end_s, class, task "
        "and score",
    )
    add(outputs.FLAG, action="store_true", help=outputs.HELP)


def run(args: argparse.Namespace) -> None:
    """Compares, writes the curve and prints the table."""
    picture = _check(args)
    # These load SciPy and more.
    from audio_diffstride.events import curve_plot, detection_tables, scores
    from audio_diffstride.events import truth as truths
    from audio_diffstride.events.matching import Tolerance
    from audio_diffstride.recordings.columns import parse_map

    truth = truths.read_truth(
        args.annotations, args.task, parse_map(args.columns), args.split, note
    )
    found = detection_tables.read_found(
        args.detections, truth, parse_map(args.detection_columns), note
    )
    if args.threshold is not None and not scores.thresholds(found):
        raise UserError(
            f"--threshold is {args.threshold:g}, but no detection of "
            f"{args.detections} in an annotated recording has a score"
        )
    tolerance = Tolerance(args.collar_s, args.onset_only)
    points = list(scores.curve(truth, found, tolerance, args.hop_s))
    lines = [[*_COLUMNS]]
    for threshold, counts in points:
        for name, of in counts.items():
            lines.append(_csv_row(name, threshold, of))
    atomic.write_text(args.output, text_table.to_csv(lines))
    of_all = [
        (threshold, counts[scores.ALL_CLASSES])
        for threshold, counts in points
        if threshold is not None
    ]
    title = (
        f"{truth.task}: {sum(map(len, truth.events.values())):,} events in "
        f"{len(truth.files):,} recordings, {truth.hours:.3g} h"
    )
    if of_all:
        curve_plot.draw(of_all, title, picture)
    print(title)
    counts = scores.count(truth, found, args.threshold, tolerance, args.hop_s)
    print(*text_table.aligned(_table(counts)), sep="\n")
    if of_all and truth.events:
        threshold, best = max(of_all, key=lambda point: point[1].f1)
        print(
            f"\nbest F1 of the curve: {100 * best.f1:.1f} % at the threshold "
            f"{threshold:.3g}, with {best.false_alarms_per_hour:.3g} false "
            "alarms per hour; it is chosen on these annotations, so it is too "
            "good"
        )
    print(f"written: {args.output}{f', {picture}' if of_all else ''}")


def _check(args: argparse.Namespace) -> pathlib.Path:
    """Checks the flags, and returns the path of the picture."""
    if args.output.suffix != ".csv":
        raise UserError(
            f"--output is {args.output}, but must end in .csv; the picture is "
            "written beside it"
        )
    for name in ("hop_s", "collar_s"):
        value = getattr(args, name)
        if value is not None and not 0 < value < 3600:
            raise UserError(
                f"--{name} is {value:g}, but must be more than 0 and less than "
                "3600 s"
            )
    picture = args.output.with_suffix(".png")
    outputs.refuse_to_replace([args.output, picture], args.overwrite)
    return picture


def _csv_row(name: str, threshold: float | None, of: Counts) -> list[str]:
    """A line of the curve, in the order of `_COLUMNS`."""
    values = (
        *(threshold, of.f1, of.precision, of.recall),
        of.false_alarms_per_hour,
    )
    counts = (of.right, of.found, of.true)
    return [name, *map(_text, values), *map(str, counts)]


def _text(value: float | None) -> str:
    """A number for a CSV; empty where there is none."""
    return "" if value is None or math.isnan(value) else f"{value:.6g}"


def _table(counts: dict[str, Counts]) -> list[list[str]]:
    """The lines of the table that is printed."""
    lines = [["class", "F1", "precision", "recall", "false alarms/h", "events"]]
    for name, of in sorted(counts.items(), key=lambda item: not item[0]):
        shares = [
            "-" if math.isnan(share) else f"{100 * share:.1f} %"
            for share in (of.f1, of.precision, of.recall)
        ]
        alarms = f"{of.false_alarms_per_hour:.3g}"
        lines.append([name or "all", *shares, alarms, str(of.true)])
    return lines
