"""Several sweeps side by side: what each arm gains over one, at which cost.

    python -m studies.overview --output docs/results \
        --row "pitch" docs/results/pitch \
        --row "digits" docs/results/speakers docs/results/speakers_matched

writes overview.md and overview.png. A row is a sweep; further folders after it
are sweeps of the same runs at other widths (`--match_cost`), which are compared
with the first folder's runs of the reference arm and drawn hollow. Where the
first strides of the rows went is a table too; `--compare_strides pitch digits`
tests the ones against the others. Then come the sweeps of --settings, setting
by setting, and, of those of --recall, what each arm makes of low and of high
classes.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import atomic, outputs
from audio_diffstride.sweep import plan_file, recall, runs_csv
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import aligned, to_markdown
from studies import first_strides, overview_plot, overview_tables
from studies.gains import Gain, gains

_NOTE = (
    "Means ± sample deviations (runs); differences are of runs with the same "
    "data and seed. p: sign flips of the pairs, or, where the data vary, of "
    "their means."
)


def _read_rows(args) -> dict[str, list[list[Result]]]:
    """{title: results of its sweep, then of those at other widths}."""
    rows = {}
    for title, *folders in args.row:
        if not folders:
            raise UserError(f"--row {title!r} has no folder; give a sweep's")
        if title in rows:
            raise UserError(f"--row {title!r} is there twice; rename one")
        rows[title] = [_read(folder, args.split) for folder in folders]
    for title in itertools.chain(*args.compare_strides):
        if title not in rows:
            raise UserError(f"--compare_strides: there is no --row {title!r}")
    return rows


def _read(folder: str, split: str) -> list[Result]:
    found = runs_csv.collect(folder, plan_file.read(folder), split)
    if not found:
        raise UserError(f"{folder} has no result on the {split} split")
    return found


def _tables(args, rows, found: list[Gain]) -> list[list[list[str]]]:
    """All that is asked for, each with its header."""
    tables = [
        overview_tables.accuracies(found),
        overview_tables.differences(found, args.reference),
    ]
    own = {title: sweeps[0] for title, sweeps in rows.items()}
    if any(r.run.learns_strides for of_row in own.values() for r in of_row):
        tables.append(first_strides.table(own))
    for title, other in args.compare_strides:
        tables.append(first_strides.compare(own, title, other))
    if args.settings:
        sweeps = {
            pathlib.Path(folder).name: _read(folder, args.split)
            for folder in args.settings
        }
        tables.append(overview_tables.settings(sweeps))
    for folder in args.recall:
        tables += recall.by_quarter(folder, args.split)
    return tables


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m studies.overview",
        description=__doc__.splitlines()[0],
    )
    parser.add_argument(
        "--row",
        nargs="+",
        action="append",
        required=True,
        metavar=("TITLE", "FOLDER"),
        help="a title and the folder of a sweep, then those at other widths",
    )
    parser.add_argument(
        "--compare_strides",
        nargs=2,
        action="append",
        default=[],
        metavar=("TITLE", "OTHER"),
        help="two rows, the first strides of which are compared",
    )
    parser.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="sweeps whose settings are listed one by one",
    )
    parser.add_argument(
        "--recall",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="sweeps whose recall is shown by quarters of the classes",
    )
    parser.add_argument("--output", required=True, help="a folder")
    parser.add_argument(
        "--split", choices=("test", "validation"), default="test"
    )
    parser.add_argument(
        "--reference", choices=ARMS, metavar="ARM", default="strided_conv"
    )
    return parser


def main(argv=None):
    """The command; see the module's text."""
    args = _arguments().parse_args(argv)
    output = outputs.folder(args.output)
    rows = _read_rows(args)
    found = [
        gain
        for title, sweeps in rows.items()
        for gain in gains(title, sweeps, args.reference)
    ]
    tables = _tables(args, rows, found)
    text = "\n".join([*map(to_markdown, tables), _NOTE, ""])
    atomic.write_text(output / "overview.md", text)
    overview_plot.draw(found, args.reference, output / "overview.png")
    for lines in tables:
        print(*aligned(lines), "", sep="\n")
    print(f"written: {output}/overview.md, {output}/overview.png")


if __name__ == "__main__":
    with report_user_errors():
        main()
