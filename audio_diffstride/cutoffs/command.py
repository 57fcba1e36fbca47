"""Learned strides as cut-off frequencies, in Hz and cycles per mel band.

    audio-diffstride cutoffs --workdir DIR [DIR ... --output DIR]
    audio-diffstride cutoffs --strides 1.97 1.95 --frames 160 --bands 64

Several runs give mean and standard deviation. The second form needs no run.
"""

from __future__ import annotations

import argparse
import math
import pathlib
from typing import Any

import ml_collections

from audio_diffstride import cutoffs
from audio_diffstride.config import config_fields
from audio_diffstride.cutoffs import stride_plot
from audio_diffstride.errors import UserError
from audio_diffstride.files import outputs
from audio_diffstride.published import models
from audio_diffstride.runs import layout, loading


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride cutoffs`."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--workdir",
        nargs="+",
        help="runs, or demo of the package; several give mean and standard "
        "deviation",
    )
    source.add_argument(
        "--strides",
        nargs=2,
        type=float,
        metavar=("TIME", "FREQUENCY"),
        help="strides of a first layer, converted without a model",
    )
    parser.add_argument(
        "--frames", type=int, help="frames that set the bins; default 1 window"
    )
    parser.add_argument("--bands", type=int, help="mel bands; default 64")
    parser.add_argument(
        "--model",
        choices=("best", "last"),
        default="best",
        help="the model of each run to report; default best",
    )
    parser.add_argument(
        "--output",
        help="folder for the files; default the --workdir of a single run",
    )
    parser.add_argument(outputs.FLAG, action="store_true", help=outputs.HELP)


def run(args: argparse.Namespace) -> None:
    """Prints the cut-offs. For runs, writes them to files too."""
    for flag in ("frames", "bands"):
        if getattr(args, flag) is not None and getattr(args, flag) < 1:
            raise UserError(
                f"--{flag} must be a whole number from 1, not "
                f"{getattr(args, flag)}"
            )
    if args.strides:
        _convert_strides(args)
    else:
        _report_runs(args)


def _convert_strides(args: argparse.Namespace) -> None:
    if args.output:
        raise UserError("--output is for --workdir, not for --strides")
    for stride in args.strides:
        if not 1 <= stride < math.inf:
            raise UserError(f"--strides must be numbers from 1, not {stride:g}")
    print(cutoffs.convert(args.strides, args.frames or 100, args.bands or 64))


def _report_runs(args: argparse.Namespace) -> None:
    args.workdir = [models.run_folder(workdir) for workdir in args.workdir]
    folder = _folder(args)
    reports, kinds = {}, set()
    for workdir in args.workdir:
        config = loading.load_config(workdir, [config_fields.INPUT])
        model = loading.load_model(workdir, args.model)
        rows = cutoffs.report(model, _size(args, config, model))
        reports[str(workdir)] = rows
        kinds.add(
            (
                rows[0]["learned"],
                rows[0]["flat"] is None,
                *(row["folded_channels"] for row in rows),
            )
        )
    if len(kinds) > 1:
        raise UserError(
            "the runs have different numbers of blocks, or other kinds of "
            "downsampling; report them separately"
        )
    stride_plot.draw(args.workdir, folder / layout.STRIDES_PLOT)
    cutoffs.write(reports, folder)
    runs = ", ".join(map(str, args.workdir))
    print(f"strides of {args.model}.keras in {runs}\n")
    print(cutoffs.format_table(cutoffs.summarise(reports.values())))
    print(f"\nwritten: {folder}/{', '.join(layout.FILES_OF_CUTOFFS)}")


def _size(
    args: argparse.Namespace, config: ml_collections.ConfigDict, model: Any
) -> tuple[int, ...]:
    """The size at the encoder's input: the model's, unless a flag is given."""
    if "image" in config and (args.frames or args.bands):
        raise UserError(
            "--frames and --bands are for sound; images have the size that "
            "their run was trained with"
        )
    size = model.front_end.output_size(loading.evaluation_input(config))
    asked = (args.frames, args.bands)
    return tuple(flag or own for flag, own in zip(asked, size))


def _folder(args: argparse.Namespace) -> pathlib.Path:
    """The folder for the files. A run's own files are replaced."""
    given = [workdir.absolute() for workdir in args.workdir]
    if len({*given}) < len(given):
        raise UserError("a --workdir is there twice; give it once")
    if len(given) > 1 and not args.output:
        raise UserError(
            "several runs are reported together; give an --output for the files"
        )
    if not args.output:
        models.refuse_to_write(args.workdir)
    folder = outputs.folder(args.output or args.workdir[0])
    if [folder.absolute()] != given:
        outputs.refuse_to_replace(
            [folder / name for name in layout.FILES_OF_CUTOFFS], args.overwrite
        )
    return folder
