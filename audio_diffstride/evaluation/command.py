"""Evaluate a trained classifier on whole recordings, or on images.

    audio-diffstride evaluate --workdir runs/mine

Recordings are cut into windows of the length trained on. By default they do not
overlap, and their logits are averaged: the section `evaluation` of the run's
config says it. The padded last window weighs the share it holds. Scores go to
evaluation_SPLIT/scores.json, tables and pictures to evaluation_SPLIT/TASK/.
They replace those of an earlier evaluation of the run.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from audio_diffstride.config import config_fields
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.recordings import sources
from audio_diffstride.runs import layout, loading, run_stores
from audio_diffstride.terminal.next_command import next_line
from audio_diffstride.terminal.notices import warn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride evaluate`."""
    parser.add_argument("--workdir", required=True, help="the run to evaluate")
    parser.add_argument(
        "--split",
        choices=SPLITS,
        default="test",
        help="what to evaluate on; default test",
    )
    parser.add_argument(
        "--model",
        choices=("best", "last"),
        default="best",
        help="which model of the run; default best",
    )
    parser.set_defaults(open_named=None)


def run(args: argparse.Namespace) -> None:
    """Evaluates, prints the scores and writes them."""
    config = loading.load_config(args.workdir, [config_fields.INPUT, "data"])
    # These imports take seconds: TensorFlow.
    from audio_diffstride.evaluation import run_scores, score_files, tables

    model = loading.load_model(args.workdir, args.model)
    stores = sources.open_stores(config, args.open_named)
    report, recordings = run_scores.score(
        model, args.model, config, stores, args.split
    )
    folder = score_files.write(args.workdir, report, recordings)
    print(tables.format_scores(report["tasks"]))
    for name in run_stores.find_changed(args.workdir, stores):
        warn(
            f"the files or labels of {name} have changed since this run was "
            "trained: it may have trained on some of these recordings, and its "
            "earlier scores are of others; train again to be sure"
        )
    for sentence in _shared_with_training(report):
        warn(sentence)
    print(f"\nwritten: {folder}, with {layout.SCORES}, tables and pictures")
    of_spectrograms = "image" not in config and len(model.front_end.axes) == 2
    command = "report" if of_spectrograms else "cutoffs"
    print(next_line(command, "--workdir", args.workdir))


def _shared_with_training(report: Mapping[str, Any]) -> list[str]:
    """Sentences of all tasks, each once."""
    sentences = (
        sentence
        for scores in report["tasks"].values()
        for sentence in scores.get("shared_with_training", [])
    )
    return [*dict.fromkeys(sentences)]
