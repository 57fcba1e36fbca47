"""Several sweeps side by side: what each arm gains over one, at which cost.

    python -m audio_diffstride.sweep.overview --output docs/results \
        --row "pitch" docs/results/pitch \
        --row "digits" docs/results/speakers docs/results/speakers_matched

writes overview.md and overview.png. A row is a sweep; further folders after it
are sweeps of the same runs at other widths (`--match_cost`), which are compared
with the first folder's runs of the reference arm and drawn hollow. The sweeps
of --settings are listed below, setting by setting.
"""

from __future__ import annotations

import argparse
import pathlib
import statistics

from audio_diffstride.arms import ARMS
from audio_diffstride.errors import UserError, told_in_one_sentence
from audio_diffstride.files import atomic, outputs
from audio_diffstride.sweep import overview_plot, plan_file, runs_csv
from audio_diffstride.sweep.gains import Gain, gains
from audio_diffstride.sweep.results import Result
from audio_diffstride.text_table import (
    aligned,
    mean_and_deviation,
    to_markdown,
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


def settings(sweeps: dict[str, list[Result]]) -> list[list[str]]:
    """A line per sweep, setting and arm: accuracy, cost, first strides.

    Args:
        sweeps: {name: its results}.
    """
    lines = [["Sweep", "Setting", "Arm", "Accuracy in %", "Multiply-adds"]]
    lines[0] += ["First strides"]
    for name, found in sweeps.items():
        runs = {}
        for result in found:
            key = (_setting(result), result.run.arm)
            runs.setdefault(key, []).append(result)
        for (setting, arm), several in runs.items():
            cost = statistics.mean(r.multiply_adds for r in several)
            lines.append(
                [name, setting, ARMS[arm].title]
                + [_mean_accuracies(several), f"{cost / 1e6:.0f} M"]
                + [_first_strides(several)]
            )
    return lines


def _setting(result: Result) -> str:
    varied = [
        f"{field.rpartition('.')[2]} {value}"
        for field, value in result.run.varied.items()
    ]
    strides = [f"strides {result.run.strides}"] * bool(result.run.strides)
    return ", ".join(varied + strides) or "as configured"


def _mean_accuracies(several: list[Result]) -> str:
    return ", ".join(
        f"{task} {mean_and_deviation([r.accuracies[task] for r in several])}"
        for task in several[0].accuracies
    )


def _first_strides(several: list[Result]) -> str:
    """Of the axes of the first place, where they are learned."""
    if not several[0].run.learns_strides:
        return ""
    return ", ".join(
        f"{statistics.mean(r.strides[place] for r in several):.2f}"
        for place in several[0].first_strides
    )


def _read(folder: str, split: str) -> list[Result]:
    found = runs_csv.collect(folder, plan_file.read(folder), split)
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
    parser.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="sweeps whose settings are listed one by one",
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
    if args.settings:
        tables.append(
            settings(
                {
                    pathlib.Path(folder).name: _read(folder, args.split)
                    for folder in args.settings
                }
            )
        )
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
