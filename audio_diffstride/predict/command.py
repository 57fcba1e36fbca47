"""What a trained model hears in recordings of any length.

    audio-diffstride predict --workdir runs/mine FIELD_RECORDINGS \
        --output detections.csv --format csv

A recording is cut into windows of the length trained on, or of --window_s,
every --hop_s; the last one is padded with zeros, and marked. Killed and
started again with the same command it goes on after the last finished
recording, to the same output. An output that is there already is replaced
with --overwrite only. Recordings that cannot be read, and those that are cut
off, whose detections are kept, are listed with the reason in OUT.errors.csv.
The exit status is 0; 1 if a recording could not be read to its end; 2 if the
command could not be understood.
"""

from __future__ import annotations

import argparse
import csv
import pathlib

from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, outputs
from audio_diffstride.predict import formats, hearing, journal, streams


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride predict`."""
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="recordings or folders")
    add("--workdir", help="the run whose model listens")
    add(
        "--output",
        required=True,
        metavar="OUT",
        help="a file; for raven and audacity a folder, or a .txt file for a "
        "single recording",
    )
    kinds = (*formats.TABLES, *formats.PER_RECORDING)
    add("--format", choices=kinds, default="csv", help="default csv")
    add(
        "--model",
        default="best",
        metavar="MODEL",
        help="best (the default) or last of --workdir; or an exported file, "
        "NAME.onnx or NAME.tflite, which needs no --workdir",
    )
    add("--window_s", type=float, help="default: the length trained on")
    add("--hop_s", type=float, help="between windows; default: --window_s")
    add(
        "--task",
        action="append",
        metavar="TASK",
        help="may be given several times; default: all of them",
    )
    add(
        "--top",
        default="1",
        metavar="N",
        help="classes per window and task, or 'all'; default 1",
    )
    add(
        "--threshold",
        type=float,
        default=0.0,
        metavar="P",
        help="leave out classes less probable than that; default 0",
    )
    several = parser.add_mutually_exclusive_group()
    several.add_argument(
        "--average",
        action="store_true",
        help="one score per recording: logits averaged, as evaluate.py does",
    )
    several.add_argument(
        "--merge",
        action="store_true",
        help="make adjacent windows of a class one detection, with the "
        "highest of their scores",
    )
    add(outputs.FLAG, action="store_true", help=outputs.HELP)
    beam_jobs.add_flags(parser)


def _check(args: argparse.Namespace) -> None:
    """Checks the flags as far as possible without a model."""
    is_file = args.model.endswith((".onnx", ".tflite"))
    if not is_file and args.model not in ("best", "last"):
        raise UserError(
            "--model is best, last, or a file NAME.onnx or NAME.tflite, not "
            f"{args.model}"
        )
    if is_file == bool(args.workdir):
        raise UserError(
            f"--model {args.model} needs no --workdir"
            if is_file
            else "give --workdir, the run whose model listens, or --model "
            "with an exported file"
        )
    if args.top != "all" and not (args.top.isdecimal() and int(args.top)):
        raise UserError(f"--top is a number from 1 or 'all', not {args.top}")
    if not 0 <= args.threshold <= 1:
        raise UserError(f"--threshold is 0 to 1, not {args.threshold}")
    is_table = args.format in formats.TABLES
    args.output = output = pathlib.Path(args.output)
    if output.name in ("", ".."):
        raise UserError(f"--output needs a name, which {output} does not have")
    if is_table and output.is_dir():
        raise UserError(f"--output is a file, and {output} is a folder")
    if not is_table and output.suffix != ".txt" and output.is_file():
        raise UserError(f"--output is a folder, and {output} is a file")


def run(args: argparse.Namespace) -> int:
    """Predicts, and returns the exit status."""
    _check(args)
    pipeline_options = beam_jobs.options(args)
    found = streams.find_recordings(args.paths)
    paths = [path for path, _ in found]
    targets = None
    if args.format in formats.PER_RECORDING:
        names = [name for _, name in found]
        targets = formats.targets(args.output, args.format, names)
    done = journal.Journal(args.output)
    errors_path = pathlib.Path(f"{args.output}.errors.csv")
    if not done.begun():  # else what is there is this run's own
        files = [args.output] if targets is None else targets
        outputs.refuse_to_replace([*files, errors_path], args.overwrite)
    from audio_diffstride.predict.prediction import (
        Prediction,  # TensorFlow: seconds
    )

    prediction = Prediction(args)
    digest = journal.digest_of_recordings(paths)
    with done.open({**prediction.run, "the recordings": digest}):
        if args.beam:
            from audio_diffstride.predict import beam

            beam.predict_all(paths, args, digest, done, pipeline_options)
        else:
            hearing.predict_all(paths, prediction, done)
        abouts = [done.about(index) for index in range(len(paths))]
        errors = [a for a in abouts if "error" in a]
        cut_off = [a for a in abouts if "cut_off" in a]
        _write_errors(errors_path, abouts)
        whole = [i for i, a in enumerate(abouts) if "error" not in a]
        if targets is None:
            rows = (
                (abouts[i]["file"], row) for i in whole for row in done.rows(i)
            )
            with done.output(args.output) as path:
                formats.write_table(path, rows, args.format)
        for index in whole if targets else ():
            with done.output(targets[index]) as path:
                formats.write_recording(
                    path,
                    args.format,
                    paths[index],
                    done.rows(index),
                    prediction.heard_hz(abouts[index]["sample_rate_hz"]),
                    prediction.num_tasks > 1,
                )
        done.remove()
    seconds = sum(abouts[index]["seconds"] for index in whole)
    rows = sum(abouts[index]["rows"] for index in whole)
    print(
        f"{len(whole)} recordings, {seconds:.1f} s of sound, {rows} rows: "
        f"{args.output}"
    )
    if errors or cut_off:
        print(
            f"{len(errors)} unreadable, {len(cut_off)} cut off: {errors_path}"
        )
        return 1
    return 0


def _write_errors(path: pathlib.Path, abouts: list[dict]):
    """What could not be read to its end, and why; no file if all could."""
    errors = [
        (about["file"], about.get("error") or about.get("cut_off"))
        for about in abouts
        if "error" in about or "cut_off" in about
    ]
    if not errors:
        path.unlink(missing_ok=True)
        return
    with atomic.atomic_path(path) as partial:
        with open(partial, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["file", "error"])
            writer.writerows(errors)
