r"""Compares the arms of several sweeps in gain and cost.

    python -m studies.overview --output docs/results \
        --row "pitch" docs/results/pitch \
        --row "digits" docs/results/speakers docs/results/speakers_matched

A row is a sweep. More folders after the first are sweeps of the same runs at
matched cost (`audio-diffstride sweep --match_cost`). Their arms are compared
with the reference arm of the first folder.

Written to --output: overview.md and overview.png. The tables are

    the accuracy of every arm in every row
    the gain of every arm over the reference, and its relative cost
    the learned strides of the first block, row by row
    with --compare_strides, the first strides of two rows compared
    with --settings, accuracy and cost in every setting of some sweeps
    with --recall, the mean recall in each quarter of the classes

overview.png shows gain against cost. Points at matched cost are hollow.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import outputs
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.arguments import Parser
from studies import (
    first_strides,
    generated_tables,
    kept_results,
    overview_plot,
    overview_tables,
    recall_quarters,
)
from studies.gains import Gain, gains
from studies.titles import by_title

_NOTE = (
    "Means ± sample deviations (runs); differences are of runs with the same "
    "data and seed. p: sign flips of the pairs, or, where the data vary, of "
    "their means."
)


def _read_rows(args: argparse.Namespace) -> dict[str, list[list[Result]]]:
    """{title: results of its sweep, then of those at matched cost}."""
    rows: dict[str, list[list[Result]]] = {}
    for title, folders in by_title(args.row, "--row").items():
        rows[title] = [
            kept_results.read(folder, args.split) for folder in folders
        ]
    for title in itertools.chain(*args.compare_strides):
        if title not in rows:
            raise UserError(
                f"--compare_strides: there is no --row {title!r}; give titles "
                "of rows"
            )
    return rows


def _tables(
    args: argparse.Namespace,
    rows: dict[str, list[list[Result]]],
    found: list[Gain],
) -> list[list[list[str]]]:
    """The tables of overview.md, in order."""
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
        sweeps = kept_results.by_name(args.settings, args.split)
        tables.append(overview_tables.settings(sweeps))
    for folder in args.recall:
        tables += recall_quarters.tables(folder, args.split)
    return tables


def _parser() -> Parser:
    parser = Parser("python -m studies.overview", __doc__ or "")
    parser.add_argument(
        "--row",
        nargs="+",
        action="append",
        required=True,
        metavar=("TITLE", "FOLDER"),
        help="a title and the folder of a sweep, then those at matched cost",
    )
    parser.add_argument(
        "--compare_strides",
        nargs=2,
        action="append",
        default=[],
        metavar=("TITLE", "OTHER"),
        help="the titles of two rows whose first strides are compared",
    )
    parser.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="sweeps to list setting by setting",
    )
    parser.add_argument(
        "--recall",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="sweeps to show the recall of",
    )
    parser.add_argument(
        "--output", required=True, help="the folder of overview.md and .png"
    )
    parser.add_argument(
        "--split",
        choices=("test", "validation"),
        default="test",
        help="which results to compare; default test",
    )
    parser.add_argument(
        "--reference",
        choices=ARMS,
        metavar="ARM",
        default="strided_conv",
        help="the arm that the others are compared with; default strided_conv",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    output = outputs.folder(args.output)
    rows = _read_rows(args)
    found = [
        gain
        for title, sweeps in rows.items()
        for gain in gains(title, sweeps, args.reference)
    ]
    tables = _tables(args, rows, found)
    generated_tables.write(output / "overview.md", tables, _NOTE)
    overview_plot.draw(found, args.reference, output / "overview.png")
    print(f"written: {output}/overview.md, {output}/overview.png")


if __name__ == "__main__":
    with report_user_errors():
        main()
