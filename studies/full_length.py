r"""Arms that train until validation stops improving: accuracy against cost.

    python -m studies.full_length --keep runs/studies/pitch_until \
        docs/results/pitch_until
    python -m studies.full_length --output docs/results \
        --row Pitch docs/results/pitch_until \
        --short "Pitch, full width" docs/results/pitch_full_width

The first command keeps the validation accuracy of every epoch. The second
reads kept numbers only. It writes full_length_tables.md, with what arms gain
where there are several folds, and full_length.png: the accuracy against epochs
of training, and against multiply-adds. Rows of --short have no validation, so
they only have a table. Minutes are left out: the runs shared their machine
with others.
"""

from __future__ import annotations

import itertools
import pathlib
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence

from audio_diffstride.config.arms import ARMS, in_order
from audio_diffstride.errors import UserError, report_user_errors
from audio_diffstride.files import atomic, csv_files, figures
from audio_diffstride.runs import layout
from audio_diffstride.sweep.comparison import setting_means
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.arguments import Parser
from studies import gains, generated_tables, kept_results
from studies.how_good_pairs import OVER_BASELINE, of_gain
from studies.how_good_sweeps import BASELINE
from studies.titles import by_title

HISTORIES = "histories.csv"
_COLUMN = "val_accuracy"
_REMEDY = "keep the histories of the sweep again"

# {name of a run: validation accuracies in %, one per epoch}
Histories = dict[str, list[float]]


def keep(sweep: pathlib.Path, folder: pathlib.Path) -> None:
    """Copies the validation accuracies of a sweep's runs to one table.

    Raises:
        UserError: if a run has none.
    """
    rows: list[dict[str, object]] = []
    for result in kept_results.read(str(sweep)):
        path = sweep / result.run.name / layout.HISTORY
        try:
            history = csv_files.read_numbers(path, [_COLUMN], _REMEDY)
        except FileNotFoundError:
            raise UserError(f"there is no {path}; train the run") from None
        rows += [
            {"name": result.run.name, "epoch": epoch, _COLUMN: f"{value:.6f}"}
            for epoch, value in enumerate(history[_COLUMN], 1)
        ]
    atomic.write_rows(folder / HISTORIES, rows)


def read_histories(folder: pathlib.Path) -> Histories:
    """The kept validation accuracies; see `keep`."""
    path = folder / HISTORIES
    try:
        rows = csv_files.read(path, ["name", "epoch", _COLUMN], _REMEDY)
    except FileNotFoundError:
        raise UserError(f"there is no {path}; {_REMEDY}") from None
    found: Histories = {}
    for row in rows:
        value = csv_files.number(path, row, _COLUMN, _REMEDY)
        found.setdefault(row["name"], []).append(100 * value)
    return found


def table(
    title: str, results: list[Result], histories: Histories | None
) -> Iterator[list[str]]:
    """The lines of a row's table: for each arm the means over its runs.

    Args:
        title: of the row.
        results: of its runs.
        histories: of its runs; None leaves the epochs out.
    """
    (task,) = results[0].accuracies
    of_epochs = [] if histories is None else ["Epochs", "Best epoch"]
    cost = "Million multiply-adds"
    yield [title, "Runs", "Accuracy in %", *of_epochs, cost]
    for arm in ARMS:
        of_arm = [result for result in results if result.run.arm == arm]
        if not of_arm:
            continue
        cells = []
        if histories is not None:
            epochs = [histories[result.run.name] for result in of_arm]
            best = [1 + values.index(max(values)) for values in epochs]
            cells = [f"{_mean(map(len, epochs)):.0f}", f"{_mean(best):.0f}"]
        yield [
            ARMS[arm].title,
            str(len(of_arm)),
            f"{_mean(r.accuracies[task] for r in of_arm):.1f}",
            *cells,
            f"{_mean(r.multiply_adds for r in of_arm) / 1e6:.1f}",
        ]


def over_strided(rows: dict[str, list[Result]]) -> Iterator[list[str]]:
    """How far arms are above strided convolution, in rows of several folds.

    Args:
        rows: {title: the results of its runs}.
    """
    yield OVER_BASELINE
    for title, results in rows.items():
        for gain in gains.gains(title, [results], BASELINE):
            folds = setting_means(gain.differences)
            if gain.arm != BASELINE and len(folds) > 1:
                yield of_gain(gain, ARMS[gain.arm].title)


def _mean(values: Iterable[float]) -> float:
    return statistics.mean([*values])


def draw(
    rows: dict[str, tuple[list[Result], Histories]], path: pathlib.Path
) -> None:
    """Draws two panels per row.

    On the left the best validation accuracy so far against the epochs of
    training, on the right the accuracy on the test set against multiply-adds.
    """
    import matplotlib.figure

    figure = matplotlib.figure.Figure(
        figsize=(11, 4.2 * len(rows)), layout="constrained"
    )
    panels = figure.subplots(len(rows), 2, squeeze=False)
    arms = in_order(r.run.arm for results, _ in rows.values() for r in results)
    for (left, right), (title, (results, histories)) in zip(
        panels, rows.items()
    ):
        (task,) = results[0].accuracies
        for color, arm in enumerate(arms):
            label: str | None = ARMS[arm].title
            for result in results:
                if result.run.arm != arm:
                    continue
                best = _best_so_far(histories[result.run.name])
                epochs = range(1, 1 + len(best))
                style = {"color": f"C{color}", "label": label}
                left.plot(epochs, best, linewidth=1.5, **style)
                right.plot(
                    [result.multiply_adds / 1e6],
                    [result.accuracies[task]],
                    "o",
                    **style,
                )
                label = None
        left.set_title(f"{title}: while it trains")
        left.set_xlabel("epochs of training")
        left.xaxis.get_major_locator().set_params(integer=True)
        left.set_ylabel("best validation accuracy so far, %")
        right.set_title(f"{title}: trained to the end")
        right.set_xlabel("million multiply-adds of a window")
        right.set_ylabel("accuracy on the test set, %")
        right.legend(fontsize="small")
        for panel in (left, right):
            panel.grid(alpha=0.3)
    figures.save_png(figure, path, 90)


def _best_so_far(values: list[float]) -> list[float]:
    return [*itertools.accumulate(values, max)]


def main(argv: Sequence[str] | None = None) -> None:
    """Keeps histories, or writes the tables and the picture.

    Args:
        argv: the flags of the command; default those of the process.
    """
    parser = Parser("python -m studies.full_length", __doc__ or "")
    parser.add_argument("--keep", nargs=2, metavar=("SWEEP", "FOLDER"))
    for flag in ("--row", "--short"):
        parser.add_argument(
            flag,
            nargs=2,
            action="append",
            default=[],
            metavar=("TITLE", "FOLDER"),
        )
    parser.add_argument("--output", type=pathlib.Path, metavar="FOLDER")
    args = parser.parse_args(sys.argv[1:] if argv is None else argv)
    if args.keep:
        keep(*map(pathlib.Path, args.keep))
    elif args.row and args.output:
        _write(
            by_title(args.row, "--row"),
            by_title(args.short, "--short"),
            args.output,
        )
    else:
        raise UserError("give --keep, or --row and --output")


def _write(
    folders: dict[str, list[str]],
    short: dict[str, list[str]],
    output: pathlib.Path,
) -> None:
    rows = {
        title: (
            kept_results.read(folder),
            read_histories(pathlib.Path(folder)),
        )
        for title, (folder,) in folders.items()
    }
    tables = [[*table(title, *row)] for title, row in rows.items()]
    for title, (folder,) in short.items():
        tables.append([*table(title, kept_results.read(folder), None)])
    of_rows = {title: results for title, (results, _) in rows.items()}
    tables.append([*over_strided(of_rows)])
    generated_tables.write(output / "full_length_tables.md", tables)
    draw(rows, output / "full_length.png")


if __name__ == "__main__":
    with report_user_errors():
        main()
