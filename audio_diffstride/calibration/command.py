"""Fit probabilities and thresholds on the validation split.

Example:
    audio-diffstride calibrate --workdir runs/mine --precision 0.9

A temperature per task makes probabilities fit the share of right answers. A
threshold per class reaches a precision, a recall or the highest F1. Both are
fitted on validation windows, cut as predict cuts them, and never on the test
set. What is printed was measured on groups, or files, that were left out.

Written: calibration.json in --workdir. It belongs to one model of the run.
`audio-diffstride predict --precision 0.9` uses it, also with another aim than
that given here. Reports and exports made later hold it.
"""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride.calibration import aims
from audio_diffstride.calibration.thresholds import Aim
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.runs import layout, loading, run_stores
from audio_diffstride.terminal.next_command import next_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride calibrate`."""
    add = parser.add_argument
    add("--workdir", required=True, help="the run with the trained model")
    add(
        "--model",
        choices=("best", "last"),
        default="best",
        help="which model of the run; default best",
    )
    group = parser.add_mutually_exclusive_group()
    aims.add_flags(group, "show the thresholds")
    aims.add_pooled_flag(parser)
    add(
        "--top",
        choices=("1", "all"),
        default="1",
        help="show the thresholds for the best class of a window (the default) "
        "or for all classes; predict takes both",
    )
    add(
        "--store",
        nargs="+",
        default=(),
        metavar="PATH",
        help="clip stores to fit on; default: those of the training",
    )


def run(args: argparse.Namespace) -> None:
    """Fits, writes the file and prints the tables."""
    aim = aims.given(args) or Aim("precision", 0.9, args.pooled)
    config = loading.load_config(args.workdir, ["window_s"])  # refuses images
    # TensorFlow: seconds.
    from audio_diffstride.calibration import (
        description,
        fitting,
        tables,
        windows,
    )
    from audio_diffstride.evaluation import inference

    model = loading.load_model(args.workdir, args.model)
    rate_hz = model.front_end.sample_rate_hz
    window_samples = loading.window_samples(config)
    stores = [
        store.only(model.class_names)
        for store in run_stores.require(
            args.workdir, args.store, "to calibrate on their validation split"
        )
        if store.num_examples.get(windows.SPLIT)
    ]
    if not stores:
        raise UserError(
            f"{args.workdir} has no validation recordings to calibrate on; "
            "train with a validation split, without data.validation=none"
        )
    tasks = {}
    for store in stores:
        inference.check_classes(model, store.name, store.tasks, store.kinds)
        clips = store.examples(windows.SPLIT)
        for task, labelled in windows.label(
            model, clips, window_samples
        ).items():
            fitted = fitting.fit(labelled, aim, args.top)
            tasks[task] = description.describe_task(labelled, fitted)
    if not tasks:
        raise UserError(
            f"{args.workdir} has too few validation recordings to calibrate "
            "on; train with a larger validation split"
        )
    path = pathlib.Path(args.workdir) / layout.CALIBRATION
    content = description.describe(
        path.with_name(layout.MODEL.format(which=args.model)),
        windows.SPLIT,
        window_samples,
        rate_hz,
        aim,
        tasks,
    )
    atomic.write_json(path, content)
    for task, entry in tasks.items():
        print(tables.format_task(task, entry, aim) + "\n")
    print(f"written: {path}")
    words = ["--workdir", args.workdir, "RECORDINGS", "--output", "found.csv"]
    if args.model != "best":
        words += ["--model", args.model]
    if args.top != "1":
        words += ["--top", args.top]
    print(next_line("predict", *words, *aims.flag(aim)))
