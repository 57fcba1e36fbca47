r"""Compares arms with the better of two baselines, over cross-validated rows.

    python -m studies.folds --output docs/results \
        --row "Pitch" docs/results/pitch_folds \
        --row "Instrument" docs/results/instrument_folds

Arms are compared in runs of the same fold and seed. Written to --output:
folds.md, with the tables

    the accuracy of every arm in every row
    the points of every arm over each baseline, and its relative cost
    the mean over the rows, and the row where the arm is worst
    the smallest difference that each row can detect
    the accuracy on training windows beside that on the test set
    the folding that was learned, by block
    with --settings, further sweeps fold by fold

and folding.png, which draws the learned folding of --draw, side by side.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence

import scipy.stats

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import outputs
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.arguments import Parser
from studies import (
    folding_plot,
    generated_tables,
    kept_results,
    learned_folding,
    overview_tables,
)
from studies.gains import Gain, gains
from studies.titles import by_title

BASELINES = ("strided_conv", "spectral")
_LEVEL, _POWER = 0.05, 0.8

_NOTE = (
    "Accuracies: mean ± sample deviation (runs). Differences: mean over runs "
    "of the same fold and seed ± standard error."
)

Place = tuple[str, str]  # row and task


def over(
    rows: dict[str, list[Result]], baseline: str
) -> dict[str, dict[Place, Gain]]:
    """{arm: {place: its gain over the baseline}}, places in order."""
    found: dict[str, dict[Place, Gain]] = {}
    for title, results in rows.items():
        for gain in gains(title, [results], baseline):
            found.setdefault(gain.arm, {})[title, gain.task] = gain
    return found


def mean_of_rows(of_places: dict[Place, Gain]) -> tuple[float, float]:
    """The mean gain over the rows, each as one, and its standard error."""
    found = [*of_places.values()]
    errors = sum(gain.standard_error**2 for gain in found) ** 0.5
    return statistics.mean(g.mean for g in found), errors / len(found)


def detectable(std: float, pairs: int) -> float:
    """The smallest difference found in 80 % of studies, at a level of 5 %.

    Args:
        std: sample deviation of the differences of pairs.
        pairs: their number, at least two.

    >>> round(detectable(1.0, 8), 2)  # 2.36 + 0.90 deviations of the mean
    1.15
    """
    freedom = pairs - 1
    quantiles = [
        scipy.stats.t.ppf(share, freedom) for share in (1 - _LEVEL / 2, _POWER)
    ]
    return float(sum(quantiles)) * std / pairs**0.5


def tables(rows: dict[str, list[Result]]) -> list[list[list[str]]]:
    """The tables of folds.md, in order."""
    compared = {baseline: over(rows, baseline) for baseline in BASELINES}
    found = [
        g for of_arm in compared[BASELINES[0]].values() for g in of_arm.values()
    ]
    in_order = sorted(found, key=lambda gain: [*rows].index(gain.row))
    return [
        overview_tables.accuracies(in_order),
        [*_differences(compared)],
        [*_summary(compared)],
        [*_detectable(compared)],
        [*learned_folding.training(rows)],
        [*learned_folding.table(rows)],
    ]


def _others(compared: dict[str, dict[str, dict[Place, Gain]]]) -> list[str]:
    arms = compared[BASELINES[0]]
    return [arm for arm in ARMS if arm in arms and arm != BASELINES[0]]


def _differences(
    compared: dict[str, dict[str, dict[Place, Gain]]],
) -> Iterator[list[str]]:
    strided, spectral = (compared[baseline] for baseline in BASELINES)
    yield [
        "Row",
        "Task",
        "Arm",
        "Over strided",
        "Over spectral",
        "Pairs",
        "Cost",
    ]
    for arm in _others(compared):
        for place, gain in strided[arm].items():
            yield [
                *place,
                ARMS[arm].title,
                _points(gain.mean, gain.standard_error),
                _points(
                    spectral[arm][place].mean,
                    spectral[arm][place].standard_error,
                )
                if arm != "spectral"
                else "",
                str(len(gain.differences)),
                f"{gain.cost_ratio:.2f} x",
            ]


def _summary(
    compared: dict[str, dict[str, dict[Place, Gain]]],
) -> Iterator[list[str]]:
    yield [
        "Mean of the rows", "Rows", "Over strided", "Over spectral", "Cost",
        "Rows within one error of the better", "Worst row", "There",
    ]  # fmt: skip
    for arm in _others(compared):
        if arm == "spectral":
            continue
        of_arm = {baseline: compared[baseline][arm] for baseline in BASELINES}
        cost = statistics.mean(
            gain.cost_ratio for gain in of_arm["strided_conv"].values()
        )
        over_better = _over_the_better(of_arm)
        within = [
            g for g in over_better.values() if g.mean >= -g.standard_error
        ]
        (row, task), gain = min(
            over_better.items(), key=lambda item: item[1].mean
        )
        yield [
            ARMS[arm].title,
            str(len(over_better)),
            *(_points(*mean_of_rows(of_arm[b])) for b in BASELINES),
            f"{cost:.2f} x",
            f"{len(within)} of {len(over_better)}",
            row if task in row.lower() else f"{row}, {task}",
            _points(gain.mean, gain.standard_error),
        ]


def _over_the_better(
    of_arm: dict[str, dict[Place, Gain]],
) -> dict[Place, Gain]:
    """In each place the gain over the baseline that is better there."""
    strided, spectral = (of_arm[baseline] for baseline in BASELINES)
    return {
        place: min(strided[place], spectral[place], key=lambda gain: gain.mean)
        for place in strided
    }


def _detectable(
    compared: dict[str, dict[str, dict[Place, Gain]]],
) -> Iterator[list[str]]:
    yield [
        "Smallest difference", "Task", "Pairs", "Scatter over strided",
        "Found over strided", "Scatter over spectral", "Found over spectral",
    ]  # fmt: skip
    for place, gain in compared[BASELINES[0]][BASELINES[1]].items():
        pairs = len(gain.differences)
        line = [*place, str(pairs)]
        for baseline, of_arm in compared.items():
            stds = [
                of_place[place].std
                for arm, of_place in of_arm.items()
                if arm != baseline and place in of_place
            ]
            std = statistics.mean(value**2 for value in stds) ** 0.5
            line.append(f"{std:.1f}")
            line.append(f"{detectable(std, pairs):.1f}" if pairs > 1 else "")
        yield line


def _points(mean: float, error: float) -> str:
    return f"{mean:+.1f} ± {error:.1f}"


def _parser() -> Parser:
    parser = Parser("python -m studies.folds", __doc__ or "")
    parser.add_argument(
        "--row",
        nargs=2,
        action="append",
        required=True,
        metavar=("TITLE", "FOLDER"),
        help="a title and the folder of a sweep",
    )
    parser.add_argument(
        "--draw",
        nargs="+",
        default=[],
        metavar="TITLE",
        help="rows whose learned folding is drawn",
    )
    parser.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="further sweeps to list fold by fold",
    )
    parser.add_argument(
        "--output", required=True, help="the folder of folds.md"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    output = outputs.folder(args.output)
    rows = {
        title: kept_results.read(folder)
        for title, (folder,) in by_title(args.row, "--row").items()
    }
    for title in args.draw:
        if title not in rows:
            raise UserError(
                f"--draw: there is no --row {title!r}; give titles of rows"
            )
    found = tables(rows)
    if args.settings:
        sweeps = kept_results.by_name(args.settings)
        found.append(overview_tables.settings(sweeps))
    generated_tables.write(output / "folds.md", found, _NOTE)
    if args.draw:
        drawn = {title: rows[title] for title in args.draw}
        folding_plot.draw(drawn, output / "folding.png")


if __name__ == "__main__":
    with report_user_errors():
        main()
