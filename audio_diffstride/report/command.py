"""Writes one HTML page about a run.

    audio-diffstride report --workdir DIR [--output FILE [--overwrite]]

The page is self-contained: it needs no network and no other file.
"""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride import errors
from audio_diffstride.files import atomic, outputs
from audio_diffstride.runs import layout, loading
from audio_diffstride.terminal.next_command import next_line
from audio_diffstride.terminal.notices import warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride report`."""
    parser.add_argument("--workdir", required=True, help="the run")
    parser.add_argument(
        "--output", help="the page; default report.html in --workdir"
    )
    parser.add_argument(
        "--store",
        nargs="+",
        default=(),
        metavar="PATH",
        help="clip stores with its recordings; default those trained on",
    )
    parser.add_argument(
        "--model",
        choices=("best", "last"),
        default="best",
        help="the model to report on; default best",
    )
    parser.add_argument(outputs.FLAG, action="store_true", help=outputs.HELP)


def run(args: argparse.Namespace) -> None:
    """Writes the page."""
    loading.load_config(args.workdir, ())  # or fail before TensorFlow starts
    from audio_diffstride.report import page
    from audio_diffstride.report import run as finished_run

    own = pathlib.Path(args.workdir) / layout.REPORT
    path = pathlib.Path(args.output or own)
    if path.is_dir():
        raise errors.UserError(
            f"--output {path} is a folder; give the name of a file"
        )
    if path.absolute() != own.absolute():
        outputs.refuse_to_replace([path], args.overwrite)
    finished = finished_run.load(args.workdir, args.model, args.store)
    content = page.render(finished)
    atomic.write_text(path, content)
    for task in finished.noises["tasks"]:
        if taker := task["taker"]:
            warn(
                f"{task['name']}: the class {taker['name']} takes "
                f"{taker['sounds']} of {len(task['rows'])} sounds of silence "
                "and noise with more than 90 %; see Noise in the report"
            )
    print(f"written: {path} ({len(content.encode()) / 1e6:.1f} MB)")
    if finished.evaluation is None:
        print(f"next: {finished.evaluate_command}")
    else:
        words = ["RECORDINGS", "--output", "found.csv"]
        print(next_line("predict", "--workdir", args.workdir, *words))
