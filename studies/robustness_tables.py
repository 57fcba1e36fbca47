r"""The tables and the picture of robustness, from what `robustness` wrote.

    python -m studies.robustness_tables --output docs/results \
        --row "Environmental sounds" esc10_folds

Arms are compared in runs of the same fold and seed. Read from --output are the
two files of each sweep. Written there: robustness.png, and
robustness_tables.md with the tables

    what the changes of the sound cost, as a mean over the changes
    the decisions that change when windows shift, by the distance
    how far their margins move
    the accuracy of every arm on every changed sound
    the points of every arm over strided convolution
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence

from audio_diffstride.config.arms import ARMS, in_order
from audio_diffstride.errors import report_user_errors
from audio_diffstride.files import outputs
from audio_diffstride.terminal.arguments import Parser
from studies import generated_tables, robustness_plot, robustness_values
from studies.robustness_values import BASELINE, Values
from studies.sound_changes import CHANGES
from studies.titles import by_title

HOPS = ("1", "2", "4", "8", "16")
_HOP_MS = 10

_NOTE = (
    "Accuracies and shares: mean over folds. Differences: mean over folds ± "
    "its standard error. p: sign-flip permutation test over folds. With five "
    "folds it is at least 0.062, with six 0.031."
)


def tables(
    accuracies: dict[str, Values],
    decisions: dict[str, Values],
    margins: dict[str, Values],
) -> list[list[list[str]]]:
    """The tables of robustness_tables.md, in order.

    Args:
        accuracies: {title of a row: by the change of the sound}.
        decisions: {title: the share that changes, by the hops}.
        margins: {title: how far they move, by the hops}.
    """
    return [
        [*_losses(accuracies)],
        [*_shifts("Decisions that change, in %", decisions)],
        [*_shifts("Moves of the margin, in %", margins)],
        [*_accuracies(accuracies)],
        [*_over_strided(accuracies)],
    ]


def _losses(rows: dict[str, Values]) -> Iterator[list[str]]:
    yield [
        "Accuracy in %", "Arm", "As it is", "Mean of the changes", "Lost",
        "Lost more than strided conv.", "p",
    ]  # fmt: skip
    for title, accuracies in rows.items():
        values = robustness_values.losses(accuracies)
        yield from _lines(title, values, ("plain", "changed", "lost"), "lost")


def _shifts(quantity: str, rows: dict[str, Values]) -> Iterator[list[str]]:
    distances = [f"{_HOP_MS * int(hops)} ms" for hops in HOPS]
    yield [
        quantity, "Arm", *distances,
        f"Over strided conv. at {distances[0]}", "p",
    ]  # fmt: skip
    for title, values in rows.items():
        yield from _lines(title, values, HOPS, HOPS[0])


def _lines(
    title: str, values: Values, keys: Sequence[str], compared: str
) -> Iterator[list[str]]:
    """A line per arm: its means, and how it compares in one of them."""
    for arm in values:
        means = [robustness_values.mean(values, arm, key) for key in keys]
        comparison = robustness_values.compare(values, arm, compared)
        cells = [f"{value:.1f}" for value in means]
        yield [title, ARMS[arm].title, *cells, *comparison]


def _accuracies(rows: dict[str, Values]) -> Iterator[list[str]]:
    arms = in_order(itertools.chain(*rows.values()))
    yield ["Accuracy in %", "Change", *(ARMS[arm].title for arm in arms)]
    for title, values in rows.items():
        for change in CHANGES:
            cells = [
                f"{robustness_values.mean(values, arm, change):.1f}"
                if arm in values
                else ""
                for arm in arms
            ]
            yield [title, change, *cells]


def _over_strided(rows: dict[str, Values]) -> Iterator[list[str]]:
    every = in_order(itertools.chain(*rows.values()))
    arms = [arm for arm in every if arm != BASELINE]
    titles = [ARMS[arm].title for arm in arms]
    yield ["Points over strided conv.", "Change", *titles]
    for title, values in rows.items():
        for change in CHANGES:
            cells = [
                robustness_values.compare(values, arm, change)[0]
                if arm in values
                else ""
                for arm in arms
            ]
            yield [title, change, *cells]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    parser = Parser("python -m studies.robustness_tables", __doc__ or "")
    parser.add_argument(
        "--row",
        nargs=2,
        action="append",
        required=True,
        metavar=("TITLE", "SWEEP"),
        help="a title and the name of a sweep",
    )
    parser.add_argument("--output", required=True, help="folder of the files")
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    output = outputs.folder(args.output)
    accuracies, decisions, margins = {}, {}, {}
    for title, (sweep,) in by_title(args.row, "--row").items():
        of_changes, of_shifts = robustness_values.read(args.output, sweep)
        accuracies[title] = robustness_values.accuracies(of_changes)
        decisions[title] = robustness_values.shifted(of_shifts, "changed")
        margins[title] = robustness_values.shifted(of_shifts, "margin_change")
    found = tables(accuracies, decisions, margins)
    generated_tables.write(output / "robustness_tables.md", found, _NOTE)
    robustness_plot.draw(accuracies, decisions, output / "robustness.png")


if __name__ == "__main__":
    with report_user_errors():
        main()
