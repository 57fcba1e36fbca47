r"""Trains and compares arms, initial strides, config fields and seeds.

Every combination is one run with its own work directory in --output:

    audio-diffstride sweep --config configs/quickstart.py \
        --output runs/sweep --strides random --runs 6 --seeds 3 --arms all
    audio-diffstride sweep --config configs/quickstart.py \
        --output runs/cost --arms diffstride \
        --vary model.complexity_weight=0,0.1,1,10

Cross-validation tests on every group of own recordings once, or on each of K
folds, and shows the accuracy over all of them with its interval:

    audio-diffstride sweep --config recordings:small --output runs/folds \
        --set data.path=recordings.csv --arms diffstride --folds group

A search tries values from ranges, guided by the validation scores of the trials
before; it needs the extra `search`, and ends with the command that trains with
the best:

    audio-diffstride sweep --config recordings:small --output runs/search \
        --set data.path=recordings.csv --arms diffstride --search 20 \
        --over training.learning_rate=1e-4..1e-2:log augmentation.mixup=0,0.2

To resume an interrupted sweep, run the same command again. Without --config
nothing is trained; tables and figures are made again from the runs there:

    audio-diffstride sweep --output runs/sweep

Written to --output:

    plan.json         the config, every run, and the trials of a search
    NAME/             the work directory of a run
    logs/NAME.txt     what its training and evaluation printed
    results_SPLIT/    tables of accuracy, strides and cost (table.md, .csv),
                      all numbers per run (runs.csv), recall per class
                      (recall.csv), arms in pairs (comparison.csv), and the
                      figures complexity.png and dynamics.png; of a search
                      trials.csv, table.md and runs.csv
"""

from __future__ import annotations

import argparse
import contextlib
import pathlib
from collections.abc import Callable

from audio_diffstride.config import config_fields
from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.files import locks, outputs
from audio_diffstride.recordings import planned_data
from audio_diffstride.runs import provenance
from audio_diffstride.sweep import arguments, plan_file

_MAX_STRIDE = 1000
_MAX_SEEDS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride sweep`."""
    parser.add_argument(
        "--output", required=True, help="the folder of the sweep"
    )
    parser.add_argument(
        "--config",
        help="a config file, as for train.py; its seed is the first",
    )
    parser.add_argument(
        "--split",
        choices=("test", "validation"),
        help="the recordings to score; default test; a search has validation",
    )
    group = parser.add_argument_group("what is swept; needs --config")
    group.add_argument(
        "--set",
        nargs="+",
        metavar="FIELD=VALUE",
        help="config fields to set for every run",
    )
    group.add_argument(
        "--arms",
        nargs="+",
        metavar="ARM",
        help="all (the paper's three: the default), or some of "
        + ", ".join(ARMS),
    )
    group.add_argument(
        "--strides",
        nargs="+",
        help="initial strides: published (the default), random, or one or "
        "more like 2-2-3, with a stride for each place",
    )
    group.add_argument(
        "--runs",
        type=_whole_number(1, arguments.MAX_RUNS),
        help="how many random strides, the published included; default 6",
    )
    group.add_argument(
        "--most",
        type=_whole_number(1, _MAX_STRIDE),
        help="the largest random stride; default 3",
    )
    group.add_argument(
        "--strides_seed",
        type=_whole_number(0, 2**32 - 1),
        help="the seed of the random strides; default 0",
    )
    group.add_argument(
        "--match_cost",
        choices=ARMS,
        metavar="ARM",
        help="set the width of every arm so that it takes as many "
        "multiply-adds as this arm",
    )
    group.add_argument(
        "--vary",
        nargs="+",
        metavar="FIELD=VALUE,VALUE",
        help="config fields to vary; every combination of values is a run",
    )
    group.add_argument(
        "--folds",
        metavar="group|K",
        help="cross-validation: every group of own recordings, or each of K "
        "folds, is the test set once; all others are trained on, with no "
        "validation set unless data.validation is set",
    )
    group.add_argument(
        "--starts",
        nargs="+",
        metavar="START",
        help="what to start from: random weights (random), a trained run "
        "(RUN), or one that keeps its encoder (RUN:encoder) or its first N "
        "blocks (RUN:N); all have the network of the first RUN",
    )
    group.add_argument(
        "--seeds",
        type=_whole_number(1, _MAX_SEEDS),
        help="runs of each arm and setting; default 1",
    )
    group.add_argument(
        "--search",
        type=_whole_number(1, arguments.MAX_TRIALS),
        metavar="N",
        help="try N sets of values from --over",
    )
    group.add_argument(
        "--over",
        nargs="+",
        metavar="FIELD=LOW..HIGH",
        help="config fields to search over: LOW..HIGH, LOW..HIGH:log, or "
        "choices joined by commas",
    )


def run(args: argparse.Namespace) -> None:
    """Trains what is not trained yet, and writes tables and figures."""
    arguments.set_defaults(args)
    folder = outputs.folder(args.output)
    is_search = args.search or plan_file.read_search(folder) is not None
    if is_search and args.split == "test":
        raise UserError(
            "a search scores the validation split only, so that the test set "
            "stays unseen; leave --split out"
        )
    if args.search:
        _search(folder, args)
    elif is_search and not args.config:
        _report_search(folder)
    else:
        _sweep(folder, args, args.split or "test")


def _sweep(folder: pathlib.Path, args: argparse.Namespace, split: str) -> None:
    from audio_diffstride.sweep import report, running

    failed: list[str] = []
    if args.config:
        sweep = arguments.read(args)
        runs = sweep.runs()
        planned_data.check(
            (f"run {run.name}", config_fields.nest(sweep.config | run.fields))
            for run in runs
            if not provenance.is_finished(folder / run.name)
        )
        with _locked(folder):
            plan_file.begin(folder, sweep.config, runs)
            failed = running.run_all(folder, runs, split)
    else:
        runs = plan_file.read(folder)
    if len(failed) < len(runs):
        report.write(folder, runs, split)
    if failed:
        raise UserError(
            f"{len(failed)} of {len(runs)} runs failed: {join_some(failed)}; "
            f"see {folder}/logs, and run the same command again to retry them"
        )


def _search(folder: pathlib.Path, args: argparse.Namespace) -> None:
    from audio_diffstride.sweep import search, search_space

    sweep = arguments.read(args)
    space = search_space.parse(args.over, sweep.arms)
    search.check(folder, sweep, space, args.search)
    with _locked(folder):
        search.run(folder, sweep, space, args.search)
    _report_search(folder)


def _report_search(folder: pathlib.Path) -> None:
    from audio_diffstride.sweep import search_report

    search_report.write(folder)


def _locked(folder: pathlib.Path) -> contextlib.AbstractContextManager[None]:
    folder.mkdir(parents=True, exist_ok=True)
    return locks.exclusive(
        folder / ".lock", f"another sweep is at work in {folder}"
    )


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    """The type of a flag that is a whole number from `low` to `high`."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit():
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
        if not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(
                f"must be from {low} to {high:,}, not {text}"
            )
        return int(text)

    return parse
