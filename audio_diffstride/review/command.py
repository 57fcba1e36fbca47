r"""Let people check detections, and make training labels of their verdicts.

Example:
    audio-diffstride review --detections found.csv --output review/ --best 20
    audio-diffstride review --verdicts review/verdicts.csv --labels new.csv

The first call writes a wav and a spectrogram of the detections with the highest
scores of each class, into a folder per class, and review/verdicts.csv. Listen,
and write into its column `verdict`

    yes      the class is there
    no       it is not
    CLASS    another class is there instead
    ?        you cannot tell; also an empty cell

The second call prints how many detections of each class are right, and writes
the verdicts as a table to train on. A table that is filled in is never
overwritten.
"""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride.errors import UserError, one_line
from audio_diffstride.files import outputs
from audio_diffstride.recordings import manifest
from audio_diffstride.recordings.recording import Recording
from audio_diffstride.review import (
    folder,
    label_csv,
    precision,
    selection,
    training_labels,
    verdicts,
)
from audio_diffstride.terminal import text_table
from audio_diffstride.terminal.next_command import command_line, next_line
from audio_diffstride.terminal.notices import note

_DEFAULT_COUNT = 20
_DEFAULT_MARGIN_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride review`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--detections",
        metavar="CSV",
        help="detections to check, as predict writes them, or any table with "
        "path, start_s, end_s, class and score",
    )
    what.add_argument(
        "--verdicts", metavar="CSV", help="the table that you have filled in"
    )
    clips = parser.add_argument_group("with --detections")
    clips.add_argument("--output", metavar="DIR", help="the folder to write")
    number = clips.add_mutually_exclusive_group()
    number.add_argument(
        "--best",
        type=int,
        metavar="N",
        help="the highest scores of each class; default "
        f"{_DEFAULT_COUNT}. Of detections that overlap, one is taken",
    )
    number.add_argument(
        "--random",
        type=int,
        metavar="N",
        help="a random sample of each class, whose precision is that of all",
    )
    clips.add_argument(
        "--margin_s",
        type=float,
        metavar="SECONDS",
        help="sound before and after each detection; default "
        f"{_DEFAULT_MARGIN_S:g}",
    )
    clips.add_argument(
        "--workdir",
        help="the run whose front end draws the spectrograms; default: the "
        "default front end",
    )
    clips.add_argument(
        outputs.FLAG,
        action="store_true",
        help="replace what is there, but no table that is filled in",
    )
    labels = parser.add_argument_group("with --verdicts")
    labels.add_argument(
        "--labels", metavar="OUT", help="the table to train on; default: none"
    )
    labels.add_argument(
        "--add_to",
        metavar="DIR_OR_CSV",
        help="recordings with labels that the new ones join in OUT",
    )
    labels.add_argument(
        "--columns",
        metavar="MAP",
        help="what the columns of --add_to are, as path=file,label=species",
    )
    labels.add_argument(
        "--several_labels",
        action="store_true",
        help="tasks have several labels: a column of 1 and 0 for each class. "
        "With --add_to they are as there",
    )
    labels.add_argument(
        "--rejected",
        metavar="CLASS",
        help="the class of sound with the verdict no, such as _background; "
        "default: it is left out, or 0 with --several_labels",
    )
    labels.add_argument(
        "--class",
        dest="classes",
        action="append",
        metavar="CLASS",
        help="a class that verdicts name and the table lacks; repeat the flag "
        "for several",
    )


def run(args: argparse.Namespace) -> None:
    """Writes clips, or labels."""
    _check(args)
    if args.detections:
        _write_clips(args)
    else:
        _read_verdicts(args)


def _check(args: argparse.Namespace) -> None:
    with_detections = {
        "--output": args.output,
        "--best": args.best,
        "--random": args.random,
        "--margin_s": args.margin_s,
        "--workdir": args.workdir,
    }
    with_verdicts = {
        "--labels": args.labels,
        "--add_to": args.add_to,
        "--columns": args.columns,
        "--several_labels": args.several_labels or None,
        "--rejected": args.rejected,
        "--class": args.classes,
    }
    given = "--detections" if args.detections else "--verdicts"
    other = with_verdicts if args.detections else with_detections
    for flag, value in other.items():
        if value is not None:
            raise UserError(f"{flag} does not go with {given}; leave it out")
    if args.detections and not args.output:
        raise UserError("--detections needs --output as well, a folder")
    for flag in ("--best", "--random"):
        value = with_detections[flag]
        if value is not None and value < 1:
            raise UserError(f"{flag} is {value}, but must be at least 1")
    if args.margin_s is not None and not 0 <= args.margin_s <= 60:
        raise UserError(
            f"--margin_s is {args.margin_s:g}, but must be from 0 to 60"
        )
    if args.labels is None and (args.add_to or args.rejected):
        raise UserError("--add_to and --rejected need --labels as well")
    if args.columns is not None and args.add_to is None:
        raise UserError("--columns is of --add_to; give both")
    if args.several_labels and args.add_to:
        raise UserError(
            "--several_labels is as in --add_to; leave one of them out"
        )


def _write_clips(args: argparse.Namespace) -> None:
    found = selection.read(pathlib.Path(args.detections))
    output = pathlib.Path(args.output)
    folder.refuse_to_replace(output, args.overwrite)
    count = args.random or args.best or _DEFAULT_COUNT
    selected = selection.select(found, count, at_random=bool(args.random))
    margin_s = _DEFAULT_MARGIN_S if args.margin_s is None else args.margin_s
    folder.write(output, selected, args.workdir, margin_s)
    print(
        f"{len(selected)} of {len(found)} detections, with a wav and a picture "
        f"each: {output}"
    )
    table = output / verdicts.NAME
    command = command_line(
        "review", "--verdicts", table, "--labels", "new_labels.csv"
    )
    print(f"fill in the column verdict of {table}, then: {command}")


def _read_verdicts(args: argparse.Namespace) -> None:
    path = pathlib.Path(args.verdicts)
    if args.labels:
        outputs.refuse_to_replace([args.labels], args.overwrite)
    found, missing = verdicts.read(path, args.classes or ())
    if not found:
        raise UserError(
            f"{path} has no verdict yet; write yes or no into the column "
            "verdict, and save it as CSV"
        )
    table = precision.lines(found)
    print("\n".join(text_table.aligned([[*map(one_line, r)] for r in table])))
    if missing:
        print(f"without a verdict: {missing} of {len(found) + missing} rows")
    if not args.labels:
        return
    others = _read_others(args)
    kinds = training_labels.kinds_of(found, args.several_labels, others)
    new, left_out = training_labels.from_verdicts(found, kinds, args.rejected)
    joined, changed = training_labels.join(others, new)
    label_csv.write(pathlib.Path(args.labels), joined)
    print(f"{len(new)} rows from verdicts, {left_out} left out without a label")
    if others:
        print(
            f"{len(others)} rows from {args.add_to}, {changed} of them changed"
        )
    print(f"written: {args.labels}")
    print(next_line("check", args.labels))


def _read_others(args: argparse.Namespace) -> list[Recording]:
    if args.add_to is None:
        return []
    return manifest.read(args.add_to, columns=args.columns or "", note=note)
