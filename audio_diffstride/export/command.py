"""Export a trained model as one file, and check that it is the same model.

Example:
    audio-diffstride export --workdir runs/mine --format onnx

The file turns a waveform into probabilities and logits. The front end, the
class names, the sample rate and the window length are inside. It runs without
this package. --format says where:

    onnx         in onnxruntime
    litert       in LiteRT (TensorFlow Lite)
    litert_int8  the same, with 8-bit integers in most convolutions
    saved_model  in TensorFlow
    web          in a browser: a page that listens, one HTML file

The command writes a folder, by default export_FORMAT in --workdir:

    model.onnx, model.tflite, saved_model/ or listen.html
    parity.json    the file compared with the trained model: logits, decisions,
                   accuracy, size and time
    MODEL_CARD.md  tasks, data, scores, cut-off frequencies and limits

Before that, it runs the file in its own runtime on recordings of the test
split, or of the validation split if there is no test split. It writes nothing
if the file differs too much from the model. A logit of a float format may
differ by 1e-4 of the largest one. litert_int8 may lose one point of accuracy,
or one recording if that is more. The page of web checks each browser itself.

Exit status:

    0    the folder was written
    2    the command failed and wrote nothing: the message says why
    130  it was stopped by Ctrl-C, and wrote nothing
"""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride.errors import UserError, join_some
from audio_diffstride.export.output_files import MODELS
from audio_diffstride.files import atomic, outputs
from audio_diffstride.published import models
from audio_diffstride.runs import layout


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride export`."""
    add = parser.add_argument
    add(
        "--workdir",
        required=True,
        help="the run with the trained model, or demo, of the package",
    )
    add("--format", required=True, choices=tuple(MODELS))
    add(
        "--model",
        choices=("best", "last"),
        default="best",
        help="which model of the run; default best",
    )
    add(
        "--embedding",
        action="store_true",
        help="another output, 'embedding': what audio-diffstride embed reads; "
        "for --format onnx",
    )
    add(
        "--window_s",
        type=float,
        metavar="SECONDS",
        help="fixed length of the input; default: as in training",
    )
    add(
        "--output",
        metavar="FOLDER",
        help="default: export_FORMAT in --workdir",
    )
    add(
        "--recordings",
        type=int,
        default=500,
        metavar="N",
        help="compare on at most N recordings of each data set; default 500",
    )
    add(
        "--store",
        nargs="+",
        default=(),
        metavar="PATH",
        help="clip stores to compare on; default: those of the training",
    )
    add(outputs.FLAG, action="store_true", help=outputs.HELP)


def _check(args: argparse.Namespace) -> None:
    if args.embedding and args.format != "onnx":
        raise UserError(
            f"--embedding is for --format onnx, not {args.format}; leave it out"
        )
    if args.recordings < 1:
        raise UserError(
            f"--recordings must be a number from 1, not {args.recordings}"
        )
    if args.window_s is not None and not 0 < args.window_s < 3600:
        raise UserError(
            "--window_s must be more than 0 and less than 3600 s, not "
            f"{args.window_s:g}"
        )


def _folder(args: argparse.Namespace) -> pathlib.Path:
    """The output folder; it may exist only as an earlier export."""
    if not args.output:
        models.refuse_to_write([args.workdir])
    own = args.workdir / layout.EXPORT.format(format=args.format)
    folder = outputs.folder(args.output or own)
    if not folder.exists():
        return folder
    if folder.absolute() != own.absolute():
        outputs.refuse_to_replace([folder], args.overwrite)
    expected = {*MODELS.values(), layout.PARITY, layout.MODEL_CARD}
    others = sorted({path.name for path in folder.iterdir()} - expected)
    if others:
        raise UserError(
            f"{folder} holds {join_some(others)}, which is no part of an "
            "export; give another --output"
        )
    return folder


def run(args: argparse.Namespace) -> None:
    """Exports, and prints how close the file is to the model."""
    _check(args)
    args.workdir = models.run_folder(args.workdir)
    folder = _folder(args)
    from audio_diffstride.export import export  # TensorFlow: seconds

    with atomic.atomic_folder(folder) as partial:
        summary = export.export(args, partial)
    print(f"{summary}\n\nwritten: {folder}")
