"""Trains a classifier with learnable strides.

    audio-diffstride train --data recordings/ --workdir runs/mine
    audio-diffstride train --config configs/quickstart.py --workdir runs/quick

--data is a folder with a sub-folder per class, or a CSV. Without --config the
defaults suit a laptop. Every field of the config is a flag, such as
--config.training.num_steps=500.

The same command resumes an interrupted run. A work directory holds
one run; --overwrite removes it and starts over. The last line is the next
command.
"""

from __future__ import annotations

import argparse
from typing import Any

from audio_diffstride.config import config_files
from audio_diffstride.runs import provenance
from audio_diffstride.terminal.next_command import next_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride train`."""
    parser.add_argument(
        "--data",
        metavar="DIR_OR_CSV",
        help="own recordings; the same as --config.data.path",
    )
    parser.add_argument(
        "--workdir", required=True, help="folder of the run, made if need be"
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="remove the run in --workdir and start over",
    )
    config_files.add_arguments(parser)
    parser.set_defaults(open_named=None)


def run(args: argparse.Namespace) -> None:
    """Starts or resumes a run."""
    from audio_diffstride.recordings import sources
    from audio_diffstride.training import machines

    config = config_files.from_arguments(args, args.data)
    machines.join()
    with machines.explain_lost_process(
        lambda: "start the same command on all again"
    ):
        stores = machines.after_first(
            lambda: sources.open_stores(config, args.open_named)
        )
    from audio_diffstride import training  # seconds of TensorFlow

    training.train(config, args.workdir, stores, args.overwrite)
    if machines.is_first():
        _print_outcome(args, stores)


def _print_outcome(args: argparse.Namespace, stores: list[Any]) -> None:
    """Prints the best score, the folder and the next command."""
    from audio_diffstride.training import outcome

    in_checkout = args.open_named is not None
    print(outcome.describe(args.workdir))
    print(f"the run is in {args.workdir}")
    if not provenance.is_finished(args.workdir):
        print(next_line("train", *args.words, in_checkout=in_checkout))
        return
    words = ["--workdir", args.workdir]
    if not any(store.num_examples.get("test") for store in stores):
        words += ["--split", "validation"]
    print(next_line("evaluate", *words, in_checkout=in_checkout))
