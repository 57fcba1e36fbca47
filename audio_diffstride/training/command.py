"""Trains a classifier with learnable strides.

    audio-diffstride train --data recordings/ --workdir runs/mine
    audio-diffstride train --config configs/quickstart.py --workdir runs/quick

--data is a folder with a sub-folder per class, or a CSV. Without --config the
defaults suit a laptop. Every field of the config is a flag, such as
--config.training.num_steps=500.

--from RUN starts from a trained run instead of random weights. Its tasks and
classes may be others. --freeze encoder trains the heads only.

The same command resumes an interrupted run. A work directory holds
one run; --overwrite removes it and starts over. The last line is the next
command.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ml_collections

from audio_diffstride import errors
from audio_diffstride.config import config_files
from audio_diffstride.runs import provenance
from audio_diffstride.terminal.next_command import next_line

if TYPE_CHECKING:
    from audio_diffstride.datasets.store_files import Store
    from audio_diffstride.recordings import sources


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
    parser.add_argument(
        "--columns",
        dest="config.data.columns",
        metavar="NAME=COLUMN,...",
        help="how a CSV names path and the other columns; the same as "
        "--config.data.columns",
    )
    parser.add_argument(
        "--from",
        dest="config.fine_tuning.run",
        metavar="RUN",
        help="a trained run to start from, or demo, the model of the package; "
        "the new run has its front end, network and windows",
    )
    parser.add_argument(
        "--freeze",
        dest="config.fine_tuning.frozen",
        metavar="WHAT",
        help="what of that run stays as it is: encoder, or a number of blocks "
        "from the first; the same as --config.fine_tuning.frozen",
    )
    parser.set_defaults(open_named=None)


def run(args: argparse.Namespace) -> None:
    """Starts or resumes a run."""
    config = config_files.from_arguments(args, args.data)
    stores = start(config, args.workdir, args.overwrite, args.open_named)
    from audio_diffstride.training import machines

    if machines.is_first():
        _print_outcome(args, stores)


def start(
    config: ml_collections.ConfigDict,
    workdir: str | os.PathLike[str],
    overwrite: bool = False,
    open_named: sources.OpenNamed | None = None,
) -> list[Store]:
    """Opens the data of a config, then starts or resumes its run.

    Args:
        config: complete and checked.
        workdir: of the run.
        overwrite: remove the run that is there, and start over.
        open_named: see `sources.open_stores`.

    Returns:
        The stores of the data.

    Raises:
        UserError: see `sources.open_stores` and `training.train`.
    """
    from audio_diffstride.recordings import background, sources, unused_band
    from audio_diffstride.training import machines

    machines.join()
    with machines.explain_lost_process(
        lambda: "start the same command on all again"
    ):
        noise = machines.after_first(lambda: background.prepare(config))
        stores = machines.after_first(
            lambda: sources.open_stores(config, open_named)
        )
    if machines.is_first():
        for line in unused_band.describe(config, stores):
            print(f"note: {errors.one_line(line)}")
    from audio_diffstride import training  # seconds of TensorFlow

    training.train(config, workdir, stores, overwrite, noise)
    return stores


def _print_outcome(args: argparse.Namespace, stores: Sequence[Store]) -> None:
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
