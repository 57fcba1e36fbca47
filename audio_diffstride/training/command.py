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

from audio_diffstride.config import config_files


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
