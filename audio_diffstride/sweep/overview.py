"""Several sweeps side by side: what each arm gains over one, at which cost.

    python -m audio_diffstride.sweep.overview --output docs/results \
        --row "pitch" docs/results/pitch \
        --row "digits" docs/results/speakers docs/results/speakers_matched

writes overview.md and overview.png. A row is a sweep; further folders after it
are sweeps of the same runs at other widths (`--match_cost`), which are compared
with the first folder's runs of the reference arm and drawn hollow.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
import statistics

from audio_diffstride.arms import ARMS
from audio_diffstride.errors import UserError, told_in_one_sentence
from audio_diffstride.files import atomic, outputs
from audio_diffstride.sweep import overview_plot, plan_file, results, runs_csv
from audio_diffstride.sweep.comparison import sign_flip_p
from audio_diffstride.sweep.results import Result
from audio_diffstride.text_table import (
    aligned,
    mean_and_deviation,
    to_markdown,
)


@dataclasses.dataclass(frozen=True)
class Gain:
    """An arm against the reference, on one task of one row.

    Attributes:
        row: its title.
        task: of the accuracies.
        arm: one of `arms.ARMS`.
        is_matched: whether it is of a further folder of the row.
        accuracies: in %, of all its runs.
        differences: {(setting, seed): accuracy less that of the reference}.
        cost_ratio: multiply-adds over those of the reference, on average.
    """

    row: str
    task: str
    arm: str
    is_matched: bool
    accuracies: list[float]
    differences: dict[tuple, float]
    cost_ratio: float

    @property
    def mean(self) -> float:
        """Of the differences, in % points."""
        return statistics.mean(self.differences.values())

    @property
    def deviation(self) -> float:
        """Sample deviation of the differences; 0 for one."""
        values = [*self.differences.values()]
        return statistics.stdev(values) if len(values) > 1 else 0.0

    @property
    def standard_error(self) -> float:
        """Of the mean difference."""
        return self.deviation / len(self.differences) ** 0.5

    @property
    def p(self) -> float:
        """Of `sign_flip_p`; each setting's mean is one difference, if several.

        Runs of one setting share its data, so they are not independent.
        """
        of_setting = {}
        for (setting, _), difference in self.differences.items():
            of_setting.setdefault(setting, []).append(difference)
        if len(of_setting) == 1:
            return sign_flip_p([*self.differences.values()])
        return sign_flip_p([*map(statistics.mean, of_setting.values())])


def gains(title: str, sweeps: list[list[Result]], reference: str):
    """Yields every arm of a row against the reference, task by task.

    Args:
        title: of the row.
        sweeps: its own results, then those at other widths.
        reference: the arm that they are compared with.

    Raises:
        UserError: if the row has no run of the reference.
    """
    own = [r for r in sweeps[0] if r.run.arm == reference]
    if not own:
        raise UserError(
            f"--row {title!r} has no run of {reference}, which the other arms "
            "are compared with; give another --reference"
        )
    base = {(r.run.setting, r.run.seed): r for r in own}
    for task in dict.fromkeys(t for r in sweeps[0] for t in r.accuracies):
        for number, found in enumerate(sweeps):
            for arm in dict.fromkeys(r.run.arm for r in found):
                pairs = {
                    (r.run.setting, r.run.seed): r
                    for r in found
                    if r.run.arm == arm and task in r.accuracies
                }
                pairs = {key: r for key, r in pairs.items() if key in base}
                if pairs:
                    yield _gain(title, task, arm, bool(number), pairs, base)


def _gain(title, task, arm, is_matched, pairs, base) -> Gain:
    return Gain(
        title,
        task,
        arm,
        is_matched,
        [r.accuracies[task] for r in pairs.values()],
        {
            key: r.accuracies[task] - base[key].accuracies[task]
            for key, r in pairs.items()
        },
        statistics.mean(
            r.multiply_adds / base[key].multiply_adds
            for key, r in pairs.items()
        ),
    )


def accuracies(found: list[Gain]) -> list[list[str]]:
    """A line per row and task, a column per arm, as configured."""
    arms = [a for a in ARMS if any(gain.arm == a for gain in found)]
    lines = [["Accuracy in %", "Task", *(ARMS[arm].title for arm in arms)]]
    for row, task in dict.fromkeys((gain.row, gain.task) for gain in found):
        cells = {
            gain.arm: mean_and_deviation(gain.accuracies)
            for gain in found
            if (gain.row, gain.task, gain.is_matched) == (row, task, False)
        }
        lines.append([row, task, *(cells.get(arm, "") for arm in arms)])
    return lines


def differences(found: list[Gain], reference: str) -> list[list[str]]:
    """A line per arm that is compared, of every row and task."""
    title = ARMS[reference].title.removesuffix(".").lower()
    lines = [["Row", "Task", "Arm", "Width", f"Points over {title}"]]
    lines[0] += ["p", "Multiply-adds"]
    for gain in found:
        if gain.arm == reference and not gain.is_matched:
            continue
        count = len(gain.differences)
        spread = f" ± {gain.deviation:.1f}" if count > 1 else ""
        lines.append(
            [gain.row, gain.task, ARMS[gain.arm].title]
            + ["matched" if gain.is_matched else "equal"]
            + [f"{gain.mean:+.1f}{spread} ({count})", f"{gain.p:.2g}"]
            + [f"{gain.cost_ratio:.2f} x"]
        )
    return lines


def _read(folder: str, split: str) -> list[Result]:
    runs = plan_file.read(folder)
    path = pathlib.Path(folder) / f"results_{split}" / runs_csv.FILE
    found = results.collect(folder, runs, split, runs_csv.read(path, runs))
    if not found:
        raise UserError(f"{folder} has no result on the {split} split")
    return found


def main(argv=None):
    """The command; see the module's text."""
    parser = argparse.ArgumentParser(
        prog="python -m audio_diffstride.sweep.overview",
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
    parser.add_argument("--output", required=True, help="a folder")
    parser.add_argument(
        "--split", choices=("test", "validation"), default="test"
    )
    parser.add_argument(
        "--reference", choices=ARMS, metavar="ARM", default="strided_conv"
    )
    args = parser.parse_args(argv)
    output = outputs.folder(args.output)
    found = []
    for title, *folders in args.row:
        if not folders:
            raise UserError(f"--row {title!r} has no folder; give a sweep's")
        sweeps = [_read(folder, args.split) for folder in folders]
        found += gains(title, sweeps, args.reference)
    tables = [accuracies(found), differences(found, args.reference)]
    note = (
        "Means ± sample deviations (runs); differences are of runs with the "
        "same data and seed. p: sign flips of the pairs, or, where the data "
        "vary, of their means."
    )
    text = "\n".join([*map(to_markdown, tables), note, ""])
    atomic.write_text(output / "overview.md", text)
    overview_plot.draw(found, args.reference, output / "overview.png")
    for lines in tables:
        print(*aligned(lines), "", sep="\n")
    print(f"written: {output}/overview.md, {output}/overview.png")


if __name__ == "__main__":
    with told_in_one_sentence():
        main()
