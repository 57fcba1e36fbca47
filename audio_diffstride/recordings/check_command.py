"""Reads all recordings once and lists their problems.

    audio-diffstride check DIR_OR_CSV

It writes no files. The exit status is 1 if a recording cannot be used. The
last line is the next command.
"""

from __future__ import annotations

import argparse
import itertools
import shlex

from audio_diffstride.recordings import check, decoding, manifest, preparation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride check`."""
    parser.add_argument(
        "path",
        metavar="DIR_OR_CSV",
        help="a folder with a sub-folder per class, or a CSV",
    )
    parser.add_argument(
        "--tasks", nargs="+", default=(), help="columns of the CSV to predict"
    )
    parser.add_argument(
        "--columns",
        metavar="NAME=COLUMN,...",
        default="",
        help="how the CSV names path, split, group, start_s, end_s and the "
        "tasks, such as path=filename,label=category",
    )
    parser.add_argument(
        "--test_group",
        default="",
        help="the group of the CSV that is the test set, as data.test_group",
    )


def run(args: argparse.Namespace) -> int:
    """Prints the report; 1 if a recording cannot be used."""
    recordings = preparation.read_and_split(
        args.path, args.tasks, args.test_group, args.columns
    )
    unused = manifest.describe_unused_files(args.path, recordings)
    num_unusable = check.print_report(
        recordings,
        itertools.chain(
            check.find_problems(recordings, decoding.decode_all(recordings)),
            (check.Problem("not used", detail) for detail in unused),
        ),
    )
    if num_unusable:
        print(
            "next: repair or remove them, or leave them out with the flag "
            "--config.data.skip_bad_files=true of audio-diffstride train"
        )
        return 1
    print(f"next: {_train_command(args)}")
    return 0


def _train_command(args: argparse.Namespace) -> str:
    words = ["audio-diffstride", "train", "--data", args.path]
    if args.tasks:
        words.append(f"--config.data.tasks={','.join(args.tasks)}")
    if args.columns:
        words.append(f"--columns={args.columns}")
    if args.test_group:
        words.append(f"--config.data.test_group={args.test_group}")
    return shlex.join([*words, "--workdir", "runs/NAME"])
