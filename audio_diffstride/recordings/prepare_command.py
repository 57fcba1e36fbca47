"""Decodes recordings into the store that training reads.

    audio-diffstride prepare DIR_OR_CSV [--beam]

Training prepares the store by itself. This command does it before: on many
machines with --beam, or to see the number of clips in each split.
"""

from __future__ import annotations

import argparse

from audio_diffstride.audio.reading import SAMPLE_RATE_HZ
from audio_diffstride.backends import beam_jobs
from audio_diffstride.datasets.store_files import STORE_DIR
from audio_diffstride.recordings import arguments, preparation
from audio_diffstride.recordings.splits import SplitRule


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride prepare`."""
    arguments.add_arguments(parser)
    parser.add_argument(
        "--store_dir", default=STORE_DIR, help="as data.store_dir"
    )
    parser.add_argument(
        "--sample_rate_hz",
        type=int,
        default=SAMPLE_RATE_HZ,
        help="as front_end.sample_rate_hz",
    )
    parser.add_argument(
        "--skip_bad_files", action="store_true", help="as data.skip_bad_files"
    )
    beam_jobs.add_flags(parser)


def run(args: argparse.Namespace) -> None:
    """Prepares the store, and prints its path and counts."""
    store = preparation.prepare(
        args.path,
        args.tasks,
        args.store_dir,
        args.sample_rate_hz,
        args.skip_bad_files,
        beam_jobs.options(args),
        args.columns,
        SplitRule(args.test_group),
        arguments.label_rule(args),
    )
    counts = ", ".join(f"{n:,} {s}" for s, n in store.num_examples.items())
    print(f"{store.path}: {counts}")
