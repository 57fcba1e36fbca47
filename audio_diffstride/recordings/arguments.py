"""The arguments of commands that read own recordings."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the folder or CSV, its tasks and its test set."""
    parser.add_argument(
        "path",
        metavar="DIR_OR_CSV",
        help="a folder with a sub-folder per class, or a CSV",
    )
    add_columns(parser)
    parser.add_argument(
        "--test_group",
        default="",
        help="the group of the CSV that is the test set, as data.test_group",
    )


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Adds what the columns of the CSV are."""
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
