"""The arguments of commands that read own recordings."""

from __future__ import annotations

import argparse

from audio_diffstride.config import config_fields
from audio_diffstride.config.field_types import split_names
from audio_diffstride.errors import UserError
from audio_diffstride.recordings.intervals import WindowRule
from audio_diffstride.recordings.label_rule import INTERVALS, LabelRule

_FIELDS = {
    "annotations": "data.annotations",
    "window_s": "window_s",
    "annotation_hop_s": "data.annotation_hop_s",
    "annotation_overlap": "data.annotation_overlap",
    "background_class": "data.background_class",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the folder or CSV, its tasks and its test set."""
    parser.add_argument(
        "path",
        metavar="DIR_OR_CSV",
        help="a folder with a sub-folder per class, or a CSV",
    )
    add_columns(parser)
    add_label_rule(parser)
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


def add_label_rule(parser: argparse.ArgumentParser) -> None:
    """Adds how labels are read: the fields of a config by their names."""
    for flag, field in _FIELDS.items():
        parser.add_argument(
            f"--{flag}",
            type=config_fields.type_of(field),
            default=config_fields.FIELDS[field].default,
            help=f"as {field}",
        )


def label_rule(args: argparse.Namespace) -> LabelRule:
    """The rule of a command.

    Raises:
        UserError: for a value that is not allowed.
    """
    given = {field: getattr(args, flag) for flag, field in _FIELDS.items()}
    values = config_fields.check(given, "the command", required=())
    background = tuple(split_names(values["data.background_class"]))
    if values["data.annotations"] != INTERVALS:
        return LabelRule(None, background)
    window_s = values["window_s"]
    hop_s = values["data.annotation_hop_s"] or window_s / 2
    if hop_s > window_s:
        raise UserError(
            f"--annotation_hop_s is {hop_s:g}, but must be up to --window_s "
            f"({window_s:g}), so that no sound is skipped"
        )
    overlap = values["data.annotation_overlap"]
    return LabelRule(WindowRule(window_s, hop_s, overlap), background)


def config_words(args: argparse.Namespace) -> list[str]:
    """The flags of `train` that read labels as a command did."""
    return [
        f"--config.{field}={getattr(args, flag)}"
        for flag, field in _FIELDS.items()
        if getattr(args, flag) != config_fields.FIELDS[field].default
    ]
