r"""Sets kept runs beside published figures and beside other networks.

    python -m studies.how_good --output docs/results/how_good_tables.md \
        --row "Environmental sounds" docs/results/esc10_folds \
        --recipe "Environmental sounds" level docs/results/esc10_gain \
        --published docs/results/how_good_published.csv \
        --peers docs/results/how_good_peers.csv

Written to --output, a table per row: the arms, the other networks that were
trained beside them, and published figures. Rows that only --published has come
last. A last table pairs the other networks with the arms, fold by fold.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import statistics
import sys
from collections.abc import Iterator, Sequence

from audio_diffstride.config.arms import ARMS
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import outputs
from audio_diffstride.sweep import plan_file
from audio_diffstride.sweep.cross_validation import GROUP
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.arguments import Parser
from studies import (
    cutoff_values,
    generated_tables,
    kept_results,
    other_networks,
)
from studies.other_networks import Row
from studies.titles import by_title

SHOWN = ("strided_conv", "spectral", "folding", "folding-after-relu")

_NOTE = (
    "Accuracy in %: mean over the runs (95 % interval, Student's t over "
    "folds; none for fewer than three runs). Multiply-adds: for one window of "
    "1 s, mean over the runs. Training: mean wall minutes of our runs, on two "
    "cores that others used too; CPU minutes where the cell says so."
)


@dataclasses.dataclass(frozen=True)
class Sweep:
    """A kept sweep of a row.

    Attributes:
        folder: of the sweep.
        recipe: what its training adds; "" for the plain one.
    """

    folder: str
    recipe: str = ""

    @functools.cached_property
    def results(self) -> list[Result]:
        """Its results on the test split."""
        return kept_results.read(self.folder)

    @property
    def by_arm(self) -> dict[str, list[Result]]:
        """{arm: results} of the arms that are shown."""
        found = {a: [r for r in self.results if r.run.arm == a] for a in SHOWN}
        return {arm: results for arm, results in found.items() if results}

    def title(self, arm: str) -> str:
        """The arm, and the recipe if it is not the plain one."""
        return ARMS[arm].title + (f" + {self.recipe}" if self.recipe else "")


def table(
    row: str, sweeps: list[Sweep], peers: list[Row], published: list[Row]
) -> list[list[str]]:
    """The table of a row: arms, other networks, published figures."""
    lines = [
        [row, "Accuracy in %", "Runs", "Weights", "Multiply-adds", "Training"]
    ]
    for sweep in sweeps:
        lines += [_arm(sweep, *found) for found in sweep.by_arm.items()]
    for model, folds in other_networks.by_model(
        other_networks.of_row(peers, row)
    ).items():
        lines.append(_peer(model, folds))
    for line in other_networks.of_row(published, row):
        cells = [f"{line['model']}, published", line["accuracy"], ""]
        lines.append([*cells, line["weights"], "", ""])
    return lines


def _arm(sweep: Sweep, arm: str, results: list[Result]) -> list[str]:
    seconds = [r.training_s for r in results if r.training_s is not None]
    return [
        sweep.title(arm),
        spread([r.accuracy for r in results]),
        str(len(results)),
        f"{weights(sweep.folder, arm):,}",
        _millions(statistics.mean(r.multiply_adds for r in results)),
        f"{statistics.mean(seconds) / 60:.1f} min" if seconds else "",
    ]


def _peer(model: str, folds: list[Row]) -> list[str]:
    cpu_s = statistics.mean(float(line["cpu_s"]) for line in folds)
    return [
        model,
        spread([other_networks.accuracy(line) for line in folds]),
        str(len(folds)),
        f"{float(folds[0]['weights']):,.0f}",
        _millions(float(folds[0]["multiply_adds"])),
        f"{cpu_s / 60:.1f} CPU min",
    ]


def spread(values: Sequence[float], sign: str = "") -> str:
    """A mean with its interval of 95 %.

    >>> spread([70.0, 80.0, 90.0]), spread([70.0, 80.0])
    ('80.0 (55.2 to 104.8)', '75.0')
    """
    found = cutoff_values.interval(values)
    mean = f"{found.mean:{sign}.1f}"
    if found.half_width is None:
        return mean
    low, high = found.mean - found.half_width, found.mean + found.half_width
    return f"{mean} ({low:{sign}.1f} to {high:{sign}.1f})"


def _millions(count: float) -> str:
    return f"{count / 1e6:.1f} M"


def weights(folder: str, arm: str) -> int:
    """The number of weights of an arm of a sweep, heads included."""
    import keras  # takes seconds

    from audio_diffstride.config import config_fields
    from audio_diffstride.training.model import build_model

    run = next(r for r in plan_file.read(folder) if r.arm == arm)
    fields = config_fields.complete(plan_file.read_config(folder))
    config = config_fields.nest(fields | run.fields)
    path = f"{folder}/results_test/recall.csv"
    classes = other_networks.read(path, ("task", "class"))
    tasks = {
        task: [line["class"] for line in lines]
        for task, lines in itertools.groupby(classes, lambda c: c["task"])
    }
    with keras.StatelessScope(initialize_variables=False):  # only counted
        return int(build_model(config, tasks).count_params())


def beside(
    rows: dict[str, list[Sweep]], peers: list[Row]
) -> Iterator[list[str]]:
    """How far the arms are above another network, over the same folds."""
    yield ["Above", "Row", "Arm", "Folds", "Points"]
    for row, sweeps in rows.items():
        for model, lines in other_networks.by_model(
            other_networks.of_row(peers, row)
        ).items():
            of_fold = {
                line["fold"]: other_networks.accuracy(line) for line in lines
            }
            for sweep in sweeps:
                for arm, results in sweep.by_arm.items():
                    points = [
                        r.accuracy - of_fold[fold]
                        for r in results
                        if (fold := r.run.varied.get(GROUP)) in of_fold
                    ]
                    if points:
                        cells = [model, row, sweep.title(arm), str(len(points))]
                        yield [*cells, spread(points, "+")]


def _parser() -> Parser:
    parser = Parser("python -m studies.how_good", __doc__ or "")
    parser.add_argument(
        "--row",
        nargs=2,
        action="append",
        required=True,
        metavar=("TITLE", "FOLDER"),
        help="a row and the folder of its plain sweep",
    )
    parser.add_argument(
        "--recipe",
        nargs=3,
        action="append",
        default=[],
        metavar=("TITLE", "RECIPE", "FOLDER"),
        help="a row, a recipe in words, and the folder of its sweep",
    )
    for name in ("peers", "published"):
        parser.add_argument(f"--{name}", required=True, metavar="FILE.csv")
    parser.add_argument(
        "--output", required=True, metavar="FILE.md", help="the tables"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
        argv: its flags; default those of the process.
    """
    args = _parser().parse_args(sys.argv[1:] if argv is None else argv)
    rows = {
        title: [Sweep(folder)]
        for title, (folder,) in by_title(args.row, "--row").items()
    }
    for title, recipe, folder in args.recipe:
        if title not in rows:
            raise UserError(f"--recipe {title!r} has no --row; add one")
        rows[title].append(Sweep(folder, recipe))
    output = outputs.file(args.output)
    peers = other_networks.read(
        args.peers, other_networks.COLUMNS, other_networks.NUMBERS
    )
    published = other_networks.read(args.published, other_networks.PUBLISHED)
    for line in published:
        rows.setdefault(line["row"], [])  # rows without a run of ours
    found = [table(*row, peers, published) for row in rows.items()]
    found.append([*beside(rows, peers)])
    generated_tables.write(output, found, _NOTE)


if __name__ == "__main__":
    with report_user_errors():
        main()
