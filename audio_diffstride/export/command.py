"""Exports the model of a run, and proves that the file is the same model.

    audio-diffstride export --workdir runs/mine --format onnx

writes a folder, by default export_FORMAT in the work directory: the model,
from a waveform to scores, front end included; parity.json, what it was found
to be beside the trained model on held-out recordings, in its own runtime; and
MODEL_CARD.md. The folder appears when all of that went well, else nothing
does.
"""

from __future__ import annotations

import argparse
import pathlib

from audio_diffstride import errors
from audio_diffstride.files import atomic, outputs
from audio_diffstride.runs import layout

FORMATS = ("saved_model", "onnx", "litert", "litert_int8")
# Names that a folder may hold and be taken for an earlier export.
_OURS = {
    layout.ONNX,
    layout.LITERT,
    layout.SAVED_MODEL,
    layout.PARITY,
    layout.MODEL_CARD,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride export`."""
    add = parser.add_argument
    add("--workdir", required=True, help="the run")
    add("--format", required=True, choices=FORMATS)
    add("--model", choices=("best", "last"), default="best")
    add("--window_s", type=float, help="default: the length trained on")
    add(
        "--output",
        help="the folder; default export_FORMAT in --workdir",
    )
    add(
        "--recordings",
        type=int,
        default=500,
        metavar="N",
        help="of each data set, to compare on; default 500",
    )
    add(
        "--store",
        nargs="+",
        default=(),
        metavar="PATH",
        help="clip stores to compare on; default those trained on",
    )
    add(outputs.FLAG, action="store_true", help=outputs.HELP)


def _check(args: argparse.Namespace) -> None:
    if args.recordings < 1:
        raise errors.UserError(
            f"--recordings must be a number from 1, not {args.recordings}"
        )
    if args.window_s is not None and not 0 < args.window_s < 3600:
        raise errors.UserError(
            "--window_s must be more than 0 and less than 3600 s, not "
            f"{args.window_s:g}"
        )


def _folder(args) -> pathlib.Path:
    """Where the files go; nobody else's are ever replaced."""
    own = pathlib.Path(args.workdir) / layout.EXPORT.format(format=args.format)
    folder = outputs.folder(args.output or own)
    if not folder.exists():
        return folder
    if folder.absolute() != own.absolute():
        outputs.refuse_to_replace([folder], args.overwrite)
    others = sorted({path.name for path in folder.iterdir()} - _OURS)
    if others:
        raise errors.UserError(
            f"{folder} holds {errors.join_some(others)}, which is no part of "
            "an export; give another --output"
        )
    return folder


def run(args: argparse.Namespace) -> None:
    """Exports, and prints how close the file is to the model."""
    _check(args)
    folder = _folder(args)
    from audio_diffstride.export import export  # seconds of TensorFlow

    with atomic.atomic_path(folder) as partial:
        partial.mkdir()
        told = export.export(args, partial)
    print(f"{told}\n\nwritten: {folder}")
