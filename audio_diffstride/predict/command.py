r"""Find the classes in recordings of any length.

Example:
    audio-diffstride predict --workdir runs/mine FIELD/ \
        --output found.csv --hop_s 0.25 --threshold 0.9 --merge

Each recording is cut into windows, one every --hop_s. A window is as long as
in training, or --window_s. The last window is padded with zeros and marked.
Each window gives the --top classes of every task. Classes that are less
probable than --threshold are left out: without it, every window has a class. A
task with several labels gives each class that reaches the threshold, or 0.5.
After `audio-diffstride calibrate`, --precision, --recall or --f1 sets a
threshold for each class, and scores are the calibrated probabilities.

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
from typing import TYPE_CHECKING

from audio_diffstride.backends import beam_jobs
from audio_diffstride.calibration import aims
from audio_diffstride.errors import UserError
from audio_diffstride.files import outputs
from audio_diffstride.predict import arguments, formats
from audio_diffstride.predict.detections import Detection
from audio_diffstride.predict.job import Job
from audio_diffstride.predict.journal import Journal

if TYPE_CHECKING:  # it loads TensorFlow
    from audio_diffstride.predict.prediction import Prediction


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride predict`."""
    add = parser.add_argument
    add("paths", nargs="+", metavar="PATH", help="recordings or folders")
    arguments.add_model(parser, "NAME.onnx, NAME.tflite or NAME.html")
    add(
        "--output",
        required=True,
        metavar="OUT",
        help="a file; with raven and audacity a folder, or a .txt file for a "
        "single recording",
    )
    kinds = (*formats.TABLES, *formats.PER_RECORDING)
    add("--format", choices=kinds, default="csv", help="default csv")
    arguments.add_windows(parser)
    arguments.add_choices(parser)
    several = parser.add_mutually_exclusive_group()
    several.add_argument(
        "--average",
        action="store_true",
        help="one score per recording, from the mean of its windows' logits",
    )
    several.add_argument(
        "--merge",
        action="store_true",
        help=arguments.MERGE_HELP,
    )
    add(outputs.FLAG, action="store_true", help=outputs.HELP)
    beam_jobs.add_flags(parser)


def _check(args: argparse.Namespace) -> None:
    """Checks the flags as far as possible without a model."""
    arguments.check(args)
    arguments.check_output(args)
    arguments.check_choices(args)
    aim = aims.given(args)
    if aim and args.average:
        raise UserError(
            f"--{aim.score} sets thresholds for windows, and --average has "
            "none; leave one of them out"
        )
    output = args.output
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
    job = Job(args, Detection, load)
    if args.format in formats.TABLES:

        def write_table(
            prediction: Prediction,
            progress: Journal[Detection],
            readable: dict[int, dict],
        ) -> None:
            rows = (
                (summary["file"], row)
                for index, summary in readable.items()
                for row in progress.rows(index)
            )
            with progress.output(args.output) as path:
                formats.write_table(path, rows, args.format)

        return job.run([args.output], write_table)
    targets = formats.targets(args.output, args.format, job.names)

    def write_recordings(
        prediction: Prediction,
        progress: Journal[Detection],
        readable: dict[int, dict],
    ) -> None:
        for index, summary in readable.items():
            with progress.output(targets[index]) as path:
                formats.write_recording(
                    path,
                    args.format,
                    job.paths[index],
                    progress.rows(index),
                    prediction.band_hz(summary["sample_rate_hz"]),
                    prediction.num_tasks > 1,
                )

    return job.run(targets, write_recordings)


def load(args: argparse.Namespace) -> Prediction:
    """Loads the model."""
    from audio_diffstride.predict.prediction import Prediction

    return Prediction(args)
