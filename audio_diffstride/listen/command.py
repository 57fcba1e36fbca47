r"""Find the classes in sound as it comes, from a microphone or a pipe.

Example:
    audio-diffstride listen --workdir runs/mine --hop_s 0.25 \
        --threshold 0.9 --merge --output heard.csv

    arecord -t wav -f S16_LE -r 48000 | \
        audio-diffstride listen --workdir runs/mine -

SOURCE is the microphone if it is left out, which needs the extra `listen`. It
is - for standard input, or a named pipe. Pipes bring a WAV of 16 bits, or
samples alone: 16 bits, little-endian, of the stated --sample_rate_hz and
--channels.

The windows, the thresholds and the rows of OUT are those of `predict`. Each row
is in OUT as soon as its detection has ended. On a terminal a line shows the
highest scores of the last window. Detections have a line each, except on a
terminal without a threshold, where each window would have one.

Ctrl-C ends it. A last line says how much was heard, late and lost.

Exit status:

    0  it ended by Ctrl-C, --seconds or the end of the sound
    1  sound was lost: the messages say how much
    2  the command failed: the message says why
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from audio_diffstride.errors import UserError
from audio_diffstride.files import outputs
from audio_diffstride.listen.microphone import Microphone
from audio_diffstride.listen.pipe import STDIN, Pipe
from audio_diffstride.predict import arguments, formats

if TYPE_CHECKING:
    from audio_diffstride.listen.sound import Source

FORMATS = ("csv", "jsonl", *formats.PER_RECORDING)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride listen`."""
    add = parser.add_argument
    add(
        "source",
        nargs="?",
        metavar="SOURCE",
        help=f"{STDIN} for standard input, or a named pipe; default: the "
        "microphone",
    )
    arguments.add_model(parser, "NAME.onnx, NAME.tflite or NAME.html")
    add(
        "--output",
        metavar="OUT",
        help="a file for the detections; default: none",
    )
    add("--format", choices=FORMATS, default="csv", help="default csv")
    arguments.add_windows(parser)
    arguments.add_choices(parser)
    add("--merge", action="store_true", help=arguments.MERGE_HELP)
    add(
        "--device",
        metavar="NAME",
        help="of the microphone, or its number; default: the system's",
    )
    add(
        "--sample_rate_hz",
        type=int,
        metavar="HZ",
        help="of the samples in a pipe; of the microphone, in place of its own",
    )
    add(
        "--channels",
        type=int,
        metavar="N",
        help="of the samples in a pipe; default 1",
    )
    add(
        "--seconds",
        type=float,
        metavar="S",
        help="end after so many seconds of sound; default: never",
    )
    add(outputs.FLAG, action="store_true", help=outputs.HELP)


def run(args: argparse.Namespace) -> int:
    """Listens, and returns the exit status."""
    _check(args)
    if args.output:
        outputs.refuse_to_replace([args.output], args.overwrite)
    source = _open(args)
    from audio_diffstride.listen import session

    return session.listen(args, source)


def _check(args: argparse.Namespace) -> None:
    """Checks the flags as far as possible without a model or a source."""
    arguments.check(args)
    arguments.check_choices(args)
    if args.output is not None:
        arguments.check_output(args)
        if args.output.is_dir():
            raise UserError(
                f"--output {args.output} is a folder; give the name of a file"
            )
    if args.seconds is not None and not 0 < args.seconds < math.inf:
        raise UserError(
            f"--seconds is {args.seconds:g}, but must be more than 0"
        )
    if args.source is None:
        if args.channels is not None:
            raise UserError(
                "--channels is for pipes; leave it out for the microphone"
            )
        if args.sample_rate_hz is not None and args.sample_rate_hz < 1:
            raise UserError(
                f"--sample_rate_hz is {args.sample_rate_hz}, but must be more "
                "than 0"
            )
    elif args.device is not None:
        raise UserError(
            f"--device is for the microphone; leave it out for {args.source}"
        )


def _open(args: argparse.Namespace) -> Source:
    if args.source is None:
        return Microphone(args.device, args.sample_rate_hz)
    return Pipe(args.source, args.sample_rate_hz, args.channels)
