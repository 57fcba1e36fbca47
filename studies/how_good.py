r"""Sets kept runs beside published figures and beside other networks.

    python -m studies.how_good --output docs/results/how_good_tables.md \
        --row "Environmental sounds" docs/results/esc10_folds \
            docs/results/esc10_seeds \
        --recipe "Environmental sounds" level docs/results/esc10_gain \
        --published docs/results/how_good_published.csv \
        --peers docs/results/how_good_peers.csv

Several folders of a row or a recipe are sweeps with other seeds. Neither runs
of one fold nor runs of one seed count as independent.

Written to --output, a table per row: the arms, the other networks that were
trained beside them, and published figures. Rows that only --published has come
last. Two more tables compare the arms with strided convolution and with the
other networks, fold by fold.
"""

from __future__ import annotations

import itertools
import statistics
import sys
from collections.abc import Sequence

from audio_diffstride.errors import report_user_errors
from audio_diffstride.files import outputs
from audio_diffstride.sweep import plan_file
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.arguments import Parser
from studies import generated_tables, how_good_pairs, other_networks
from studies.cutoff_values import independent
from studies.how_good_sweeps import Sweep, spread
from studies.other_networks import Row
from studies.titles import by_title, of_recipes

_NOTE = (
    "Accuracy in %: mean over the runs (95 % interval, Student's t over the "
    "means of the folds or over those of the seeds, whichever is wider; over "
    "folds for fewer than three seeds, over seeds where there is one split, "
    "and none for fewer than three of them). Multiply-adds: for one window of "
    "1 s, mean over the runs. Training: mean wall minutes of our runs, on two "
    "cores that others used too; CPU minutes where the cell says so."
)


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
        spread(independent({r.run.pair: r.accuracy for r in results})),
        str(len(results)),
        f"{weights(sweep.folders[0], arm):,}",
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


def _parser() -> Parser:
    parser = Parser("python -m studies.how_good", __doc__ or "")
    parser.add_argument(
        "--row",
        nargs="+",
        action="append",
        required=True,
        metavar=("TITLE", "FOLDER"),
        help="a row and the folders of its plain sweep",
    )
    parser.add_argument(
        "--recipe",
        nargs="+",
        action="append",
        default=[],
        metavar=("TITLE", "RECIPE FOLDER"),
        help="a row, a recipe in words, and the folders of its sweep",
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
        title: [Sweep(tuple(folders))]
        for title, folders in by_title(args.row, "--row").items()
    }
    for title, recipe, folders in of_recipes(args.recipe, "--recipe", rows):
        rows[title].append(Sweep(tuple(folders), recipe))
    output = outputs.file(args.output)
    peers = other_networks.read(
        args.peers, other_networks.COLUMNS, other_networks.NUMBERS
    )
    published = other_networks.read(args.published, other_networks.PUBLISHED)
    for line in published:
        rows.setdefault(line["row"], [])  # rows without a run of ours
    found = [table(*row, peers, published) for row in rows.items()]
    found.append([*how_good_pairs.over_baseline(rows)])
    found.append([*how_good_pairs.over_peers(rows, peers)])
    generated_tables.write(output, found, _NOTE)


if __name__ == "__main__":
    with report_user_errors():
        main()
