r"""Writes what the strides say: learned cut-offs with intervals of 95 %.

    python -m studies.cutoffs --output docs/results \
        --row Pitch docs/results/pitch docs/results/pitch_folds \
        --row Instrument docs/results/instrument docs/results/instrument_folds \
        --pair Pitch Instrument \
        --recipe Pitch Level docs/results/pitch_gain \
        --demo docs/results/cutoffs_demo.csv

Nothing is trained. Written to --output: cutoffs.md, with the tables

    the cut-off of the first block along each axis, by task and arm
    the cut-off of every block
    the differences between rows: of --pair fold by fold or seed by seed, of
    --compare between rows of other recordings
    what each augmentation changes

and the pictures cutoffs_tasks.png, cutoffs_blocks.png and
cutoffs_augmentation.png.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence

from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import outputs
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.arguments import Parser
from studies import (
    cutoff_pictures,
    cutoff_tables,
    demo_cutoffs,
    generated_tables,
    kept_results,
)
from studies.cutoff_tables import Change
from studies.cutoff_values import AXES
from studies.titles import by_title, of_recipes

_FIRST = {f"block1_{axis}" for axis in AXES}
_NOTE = (
    "Mean ± half of the 95 % t interval over n means, of the folds or of the "
    "seeds, whichever is wider; over folds for fewer than three seeds, and "
    "over seeds where there is one fold. None for n below 3. "
    "Cut-offs start at 25.0 Hz and 0.250 cycles/band. A difference that is "
    "not paired has a Welch interval. No interval is corrected for their "
    "number."
)


def _parser() -> Parser:
    parser = Parser("python -m studies.cutoffs", __doc__ or "")
    parser.add_argument(
        "--row",
        nargs="+",
        action="append",
        required=True,
        metavar=("TITLE", "FOLDER"),
        help="a task, and the folders of sweeps of different arms",
    )
    for flag, text in (
        ("--pair", "rows whose runs have the same folds or seeds"),
        ("--compare", "rows of other recordings"),
    ):
        parser.add_argument(
            flag,
            nargs=2,
            action="append",
            default=[],
            metavar=("TITLE", "OTHER"),
            help=text,
        )
    parser.add_argument(
        "--recipe",
        nargs="+",
        action="append",
        default=[],
        metavar=("ROW", "TITLE FOLDER"),
        help="an augmentation of a row, and the folders of its sweeps",
    )
    parser.add_argument(
        "--also",
        nargs="+",
        action="append",
        default=[],
        metavar=("TITLE", "FOLDER"),
        help="as --row, for --pair only",
    )
    parser.add_argument(
        "--demo",
        type=pathlib.Path,
        required=True,
        metavar="FILE.csv",
        help="what studies.demo_cutoffs wrote",
    )
    parser.add_argument(
        "--output", required=True, help="the folder of cutoffs.md"
    )
    return parser


def _read(given: list[list[str]], flag: str) -> cutoff_tables.Rows:
    rows: cutoff_tables.Rows = {}
    for title, folders in by_title(given, flag).items():
        rows[title] = _read_runs(folders, f"{flag} {title!r}")
    return rows


def _read_runs(folders: list[str], given: str) -> list[Result]:
    """The results of sweeps of the audio network, no run twice.

    Raises:
        UserError: for runs of another network, or a run that is there twice.
    """
    results = kept_results.read_all(folders)
    seen = set()
    for result in results:
        run = result.run
        if not run.learns_strides:
            continue
        if not _FIRST <= {*result.strides}:
            raise UserError(
                f"{given} has a run without strides along time and frequency "
                f"in block1, {run.name}; give sweeps of the audio network"
            )
        key = (run.arm, run.setting, run.seed)
        if key in seen:
            raise UserError(
                f"{given} has the run {run.name} twice; give folders of "
                "different arms"
            )
        seen.add(key)
    return results


def _check(titles: list[str], rows: cutoff_tables.Rows, flag: str) -> None:
    for title in titles:
        if title not in rows:
            raise UserError(
                f"{flag}: there is no row {title!r}; give titles of rows"
            )


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    output = outputs.folder(args.output)
    rows = _read(args.row, "--row")
    demo = demo_cutoffs.read(args.demo)
    every = rows | _read(args.also, "--also")
    changes: list[Change] = []
    for flag, given, way in (
        ("--pair", args.pair, cutoff_tables.pair),
        ("--compare", args.compare, cutoff_tables.compare),
    ):
        for titles in given:
            _check(titles, every, flag)
            changes += way(every, *titles)
    augmented: list[Change] = []
    for row, title, folders in of_recipes(args.recipe, "--recipe", rows):
        results = _read_runs(folders, f"--recipe {row!r} {title!r}")
        augmented += cutoff_tables.augmentation(
            f"{row}: {title}", rows[row], results
        )
    tables = [
        [*cutoff_tables.tasks(rows, demo)],
        [*cutoff_tables.blocks(rows, demo)],
        [*cutoff_tables.differences(changes, "Difference")],
        [*cutoff_tables.differences(augmented, "Change by augmentation")],
    ]
    generated_tables.write(output / "cutoffs.md", tables, _NOTE)
    cutoff_pictures.draw(rows, demo, augmented, output)


if __name__ == "__main__":
    with report_user_errors():
        main()
