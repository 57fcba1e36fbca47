"""Trains a classifier with learnable strides.

    audio-diffstride train --data recordings/ --workdir runs/mine
    audio-diffstride train --config configs/quickstart.py --workdir runs/quick

--data is a folder with a sub-folder per class, or a CSV. Without --config the
defaults suit a laptop. Every field of the config is a flag, such as
--config.training.num_steps=500.

The same command resumes an interrupted run. A work directory holds
one run; --overwrite removes it and starts over.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

import ml_collections

from audio_diffstride import errors
from audio_diffstride.config import config_files

if TYPE_CHECKING:
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
    parser.set_defaults(open_named=None)


def run(args: argparse.Namespace) -> None:
    """Starts or resumes a run."""
    config = config_files.from_arguments(args, args.data)
    start(config, args.workdir, args.overwrite, args.open_named)


def start(
    config: ml_collections.ConfigDict,
    workdir: str | os.PathLike[str],
    overwrite: bool = False,
    open_named: sources.OpenNamed | None = None,
) -> None:
    """Opens the data of a config, then starts or resumes its run.

    Args:
        config: complete and checked.
        workdir: of the run.
        overwrite: remove the run that is there, and start over.
        open_named: see `sources.open_stores`.

    Raises:
        UserError: see `sources.open_stores` and `training.train`.
    """
    from audio_diffstride.recordings import sources, unused_band
    from audio_diffstride.training import machines

    machines.join()
    with machines.explain_lost_process(
        lambda: "start the same command on all again"
    ):
        stores = machines.after_first(
            lambda: sources.open_stores(config, open_named)
        )
    if machines.is_first():
        for line in unused_band.describe(config, stores):
            print(f"note: {errors.one_line(line)}")
    from audio_diffstride import training  # seconds of TensorFlow

    training.train(config, workdir, stores, overwrite)
