"""Arms, initial strides, fields and seeds: every combination, as one table.

    audio-diffstride sweep --config configs/quickstart.py \
        --output runs/sweep --strides random --runs 6 --seeds 3 --arms all
    audio-diffstride sweep --config configs/quickstart.py \
        --output runs/cost --arms diffstride \
        --vary model.complexity_weight=0,0.1,1,10
    audio-diffstride sweep --output runs/sweep

Every run has a work directory of its own in --output. The same command goes on
with a sweep that was interrupted; without --config nothing is trained, and the
tables and figures are made anew from the runs that are there.
"""

from __future__ import annotations

import argparse
import math

from audio_diffstride.config import config_fields, config_files
from audio_diffstride.config.architectures import ARCHITECTURES
from audio_diffstride.config.arms import ARMS, choose
from audio_diffstride.errors import UserError, join_some
from audio_diffstride.files import locks, outputs
from audio_diffstride.sweep import plan, plan_file

_MAX_RUNS = 2_000
_MAX_STRIDE = 1000
_DEFAULTS = {
    "set": [],
    "arms": ["all"],
    "strides": ["published"],
    "runs": 6,
    "most": 3,
    "strides_seed": 0,
    "vary": [],
    "seeds": 1,
    "match_cost": None,
}


def planned(args) -> tuple[dict[str, object], list[plan.PlannedRun]]:
    """The config that all runs share, and the runs, of a command line.

    Raises:
        UserError: for what could not be trained.
    """
    overrides = dict(_field_and_text(text, "--set") for text in args.set)
    _check_once([_field_and_text(text, "--set")[0] for text in args.set])
    config = config_fields.flatten(
        config_files.load(args.config, overrides).to_dict()
    )
    vary = [_field_and_text(text, "--vary") for text in args.vary]
    _check_once([field for field, _ in vary])
    arms = choose(name for text in args.arms for name in text.split(","))
    strides = _strides(args, config)
    values = {field: _values(field, text) for field, text in vary}
    count = math.prod(
        [len(arms), max(1, len(strides)), args.seeds]
        + [len(several) for several in values.values()]
    )
    if count > _MAX_RUNS:
        raise UserError(
            f"this sweep would have {count:,} runs, and may have "
            f"{_MAX_RUNS:,}; give fewer values, --runs or --seeds"
        )
    runs = plan.plan(config, arms, strides, values, args.seeds)
    if args.match_cost:
        (arm,) = choose([args.match_cost])
        if "model.width" in values:
            raise UserError(
                "--vary: model.width is what --match_cost sets; leave one of "
                "them out"
            )
        from audio_diffstride.sweep import matched_cost

        runs = matched_cost.match(config, runs, arm)
    return config, runs


def _strides(args, config) -> list[plan.Strides]:
    if args.strides == ["published"]:
        return []
    first = plan.published(config)
    if args.strides == ["random"]:
        return plan.random_strides(
            first, args.runs, args.most, args.strides_seed
        )
    axes = ARCHITECTURES[config["model.encoder"]].axes
    several = [
        first if text == "published" else plan.parse_strides(text, axes)
        for text in args.strides
    ]
    for strides in several:
        if several.count(strides) > 1:
            raise UserError(
                f"--strides has {plan.strides_text(strides)} twice; give it "
                "once"
            )
    return several


def _field_and_text(text: str, flag: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"{flag} {text!r} must be like model.width=0.5")
    if field not in config_fields.FIELDS:
        raise UserError(config_fields.unknown(field, flag))
    return field, value


def _check_once(fields: list[str]):
    for field in fields:
        if fields.count(field) > 1:
            raise UserError(f"{field} is given twice; give it once")


def _values(field: str, text: str) -> list:
    """The values of a text like 0,0.1 or (4, 8),(8, 16)."""
    texts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            texts.append("")
        else:
            texts[-1] += letter
    values: list[object] = []
    for part in texts:
        value = config_fields.parse(field, part)
        checked = config_fields.check({field: value}, "--vary", required=())
        if checked[field] in values:
            raise UserError(f"--vary: {field} has {part} twice; give it once")
        values.append(checked[field])
    return values


def _whole(low: int, high: int):
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit():
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
        if not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(
                f"must be from {low} to {high:,}, not {text}"
            )
        return int(text)

    return read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride sweep`."""
    parser.add_argument("--output", required=True, help="the sweep's folder")
    parser.add_argument("--config", help="as for train.py; seeds go on from it")
    parser.add_argument(
        "--split",
        choices=("test", "validation"),
        default="test",
        help="what accuracies are of; default test",
    )
    group = parser.add_argument_group("what is swept, with --config")
    group.add_argument(
        "--set",
        nargs="+",
        metavar="FIELD=VALUE",
        help="over the config, for every run",
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
        help="initial strides: published (the default), random, or a stride "
        "for each place like 2-2-3, several times",
    )
    group.add_argument(
        "--runs",
        type=_whole(1, _MAX_RUNS),
        help="configurations of random strides, the published one included; "
        "default 6",
    )
    group.add_argument(
        "--most",
        type=_whole(1, _MAX_STRIDE),
        help="the largest random stride; default 3",
    )
    group.add_argument(
        "--strides_seed",
        type=_whole(0, 2**32 - 1),
        help="that random strides are drawn from; default 0",
    )
    group.add_argument(
        "--match_cost",
        choices=ARMS,
        metavar="ARM",
        help="make every arm as wide as takes the multiply-adds that this one "
        "takes as configured",
    )
    group.add_argument(
        "--vary",
        nargs="+",
        metavar="FIELD=VALUE,VALUE",
        help="fields of the config, every combination of their values",
    )
    group.add_argument(
        "--seeds",
        type=_whole(1, 1000),
        help="runs of each configuration and arm; default 1",
    )


def set_defaults(args: argparse.Namespace) -> None:
    """Sets what a command line leaves out.

    Raises:
        UserError: for flags that do not go together.
    """
    given = [name for name in _DEFAULTS if getattr(args, name) is not None]
    if given and not args.config:
        raise UserError(
            f"--{given[0]} is of a sweep that is to be trained; give its "
            "--config too"
        )
    for name, default in _DEFAULTS.items():
        if name not in given:
            setattr(args, name, default)
    for name in ("runs", "most", "strides_seed"):
        if name in given and args.strides != ["random"]:
            raise UserError(f"--{name} is for --strides random")


def run(args: argparse.Namespace) -> None:
    """Trains what is not trained yet, and writes the tables and figures."""
    set_defaults(args)
    folder = outputs.folder(args.output)
    from audio_diffstride.sweep import report, running

    if args.config:
        config, runs = planned(args)
        folder.mkdir(parents=True, exist_ok=True)
        with locks.exclusive(
            folder / ".lock", f"another sweep is at work in {folder}"
        ):
            plan_file.begin(folder, config, runs)
            failed = running.run_all(folder, runs, args.split)
    else:
        runs, failed = plan_file.read(folder), []
    if len(failed) < len(runs):
        report.write(folder, runs, args.split)
    if failed:
        raise UserError(
            f"{len(failed)} of {len(runs)} runs failed: {join_some(failed)}; "
            f"see {folder}/logs, and the same command tries them again"
        )
