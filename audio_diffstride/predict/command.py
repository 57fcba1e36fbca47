r"""Find the classes in recordings of any length.

Example:
    audio-diffstride predict --workdir runs/mine FIELD/ \
        --output found.csv --hop_s 0.25 --threshold 0.9 --merge

Each recording is cut into windows, one every --hop_s. A window is as long as
in training, or --window_s. The last window is padded with zeros and marked.
Each window gives the --top classes of every task. Classes that are less
probable than --threshold are left out: without it, every window has a class.

What is written:

    OUT             the detections: file, start_s, end_s, padded, windows,
                    task, class and score. raven and audacity make OUT a
                    folder, with one file per recording.
    OUT.errors.csv  recordings that cannot be read or are cut off, and why.
                    The detections of a cut-off recording are kept.
    OUT.partial/    what is finished, until the command ends.

After an interruption, run the same command again. It continues after the last
finished recording, and the output is the same. An existing output is replaced
only with --overwrite.

Exit status:

    0    every recording was read to its end
    1    a recording was not: see OUT.errors.csv
    2    the command failed: the message says why
    130  it was stopped by Ctrl-C
"""

from __future__ import annotations

import argparse
import csv
import pathlib

from audio_diffstride.backends import beam_jobs
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic, outputs
from audio_diffstride.predict import formats, journal, recordings, streams


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride predict`."""
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="recordings or folders")
    add("--workdir", help="the run with the trained model")
    add(
        "--output",
        required=True,
        metavar="OUT",
        help="a file; with raven and audacity a folder, or a .txt file for a "
        "single recording",
    )
    kinds = (*formats.TABLES, *formats.PER_RECORDING)
    add("--format", choices=kinds, default="csv", help="default csv")
    add(
        "--model",
        default="best",
        metavar="MODEL",
        help="best (the default) or last of --workdir; or an exported file, "
        "NAME.onnx, NAME.tflite or NAME.html, without --workdir",
    )
    add(
        "--window_s",
        type=float,
        metavar="SECONDS",
        help="length of a window; default: as in training",
    )
    add(
        "--hop_s",
        type=float,
        metavar="SECONDS",
        help="from the start of one window to the next; default: --window_s",
    )
    add(
        "--task",
        action="append",
        metavar="TASK",
        help="a task to predict; repeat the flag for several; default: all",
    )
    add(
        "--top",
        default="1",
        metavar="N",
        help="at most N classes per window and task, or 'all'; default 1",
    )
    add(
        "--threshold",
        type=float,
        default=0.0,
        metavar="P",
        help="leave out classes with a lower probability; default 0",
    )
    several = parser.add_mutually_exclusive_group()
    several.add_argument(
        "--average",
        action="store_true",
        help="one score per recording, from the mean of its windows' logits",
    )
    several.add_argument(
        "--merge",
        action="store_true",
        help="join windows of a class that overlap or touch, with the "
        "highest of their scores",
    )
    add(outputs.FLAG, action="store_true", help=outputs.HELP)
    beam_jobs.add_flags(parser)


def _check(args: argparse.Namespace) -> None:
    """Checks the flags as far as possible without a model."""
    is_file = args.model.endswith((".onnx", ".tflite", ".html"))
    if not is_file and args.model not in ("best", "last"):
        raise UserError(
            f"--model is {args.model}, but must be best, last, or a file "
            "NAME.onnx, NAME.tflite or NAME.html"
        )
    if is_file == bool(args.workdir):
        raise UserError(
            f"--model {args.model} needs no --workdir; leave one of them out"
            if is_file
            else "there is no model; give --workdir with a run, or --model "
            "with an exported file"
        )
    if args.top != "all" and not (args.top.isdecimal() and int(args.top)):
        raise UserError(
            f"--top is {args.top}, but must be a number from 1, or 'all'"
        )
    if not 0 <= args.threshold <= 1:
        raise UserError(
            f"--threshold is {args.threshold}, but must be from 0 to 1"
        )
    args.output = output = pathlib.Path(args.output)
    if output.name in ("", ".."):
        raise UserError(f"--output is {output}, but must end in a name")
    if args.format in formats.TABLES:
        if output.is_dir():
            raise UserError(
                f"--output {output} is a folder, but --format {args.format} "
                "writes a file; give the name of a file"
            )
    elif output.suffix != ".txt" and output.is_file():
        raise UserError(
            f"--output {output} is a file, but --format {args.format} writes "
            "a folder; give the name of a folder"
        )


def run(args: argparse.Namespace) -> int:
    """Predicts, and returns the exit status."""
    _check(args)
    pipeline_options = beam_jobs.options(args)
    found = streams.find_recordings(args.paths)
    paths = [path for path, _ in found]
    targets = []
    if args.format in formats.PER_RECORDING:
        names = [name for _, name in found]
        targets = formats.targets(args.output, args.format, names)
    progress = journal.Journal(args.output)
    errors_path = pathlib.Path(f"{args.output}.errors.csv")
    if not progress.exists():  # an unfinished run owns what is there
        outputs.refuse_to_replace(
            [*(targets or [args.output]), errors_path], args.overwrite
        )
    # TensorFlow: seconds.
    from audio_diffstride.predict.prediction import Prediction

    prediction = Prediction(args)
    digest = journal.digest_of_recordings(paths)
    with progress.open(prediction.run | {journal.RECORDINGS: digest}):
        if args.beam:
            from audio_diffstride.predict import beam

            beam.predict_all(paths, args, digest, progress, pipeline_options)
        else:
            recordings.predict_all(paths, prediction, progress)
        summaries = [progress.summary(index) for index in range(len(paths))]
        _write_errors(errors_path, summaries)
        readable = {i: s for i, s in enumerate(summaries) if "error" not in s}
        if targets:
            for index, summary in readable.items():
                with progress.output(targets[index]) as path:
                    formats.write_recording(
                        path,
                        args.format,
                        paths[index],
                        progress.rows(index),
                        prediction.band_hz(summary["sample_rate_hz"]),
                        prediction.num_tasks > 1,
                    )
        else:
            rows = (
                (summary["file"], row)
                for index, summary in readable.items()
                for row in progress.rows(index)
            )
            with progress.output(args.output) as path:
                formats.write_table(path, rows, args.format)
        progress.remove()
    return _report(args.output, errors_path, summaries)


def _report(
    output: pathlib.Path, errors_path: pathlib.Path, summaries: list[dict]
) -> int:
    """Prints what was done; returns the exit status."""
    readable = [summary for summary in summaries if "error" not in summary]
    cut_off = [summary for summary in readable if "cut_off" in summary]
    seconds = sum(summary["seconds"] for summary in readable)
    num_rows = sum(summary["rows"] for summary in readable)
    print(
        f"{len(readable)} recordings, {seconds:.1f} s of sound, {num_rows} "
        f"rows: {output}"
    )
    num_unreadable = len(summaries) - len(readable)
    if not (num_unreadable or cut_off):
        return 0
    print(f"{num_unreadable} unreadable, {len(cut_off)} cut off: {errors_path}")
    return 1


def _write_errors(path: pathlib.Path, summaries: list[dict]) -> None:
    """Lists what was not read to its end; removes the file if all was."""
    errors = [
        (summary["file"], summary.get("error") or summary.get("cut_off"))
        for summary in summaries
        if "error" in summary or "cut_off" in summary
    ]
    if not errors:
        path.unlink(missing_ok=True)
        return
    with atomic.atomic_path(path) as partial:
        with open(partial, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["file", "error"])
            writer.writerows(errors)
