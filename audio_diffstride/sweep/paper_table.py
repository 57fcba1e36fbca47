"""Evaluated runs as the paper's Table 1 and Table A.7.

For example: `audio-diffstride tables --runs 'runs/*'`. Accuracies
are means and sample deviations over the runs that differ in their seed only;
the paper's value stands beside them where there is one. What can make a
number incomparable, the split and the number of recordings, is in the row.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import glob
import pathlib
import statistics

from audio_diffstride.config.arms import ARMS, POSITION_WORDS
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files
from audio_diffstride.files import atomic, outputs
from audio_diffstride.runs.loading import load_config
from audio_diffstride.terminal.text_table import (
    mean_and_deviation,
    to_csv,
    to_latex,
    to_markdown,
)

_ORDER = (
    "strided_conv",
    "max_pool",
    "average_pool",
    "spectral",
    "diffstride",
    "diffstride scale-free",
    "diffstride inside",
    "diffstride shared",
    "diffstride inside shared",
)  # any others come after them

# Riad et al., 2022, Tables 1 and A.7: test accuracy in %, mean and deviation
# over three runs, as (single-task, multi-task).
_TABLE_1_ARMS = ("strided_conv", "spectral", "diffstride")
_TABLE_1 = {
    "scene": (
        ("99.1 ± 0.2", "98.6 ± 0.1", "98.6 ± 0.2"),
        ("97.7 ± 0.4", "97.7 ± 0.7", "97.7 ± 0.3"),
    ),
    "bird": (
        ("78.8 ± 0.3", "79.7 ± 0.3", "81.3 ± 0.1"),
        ("77.3 ± 0.2", "77.8 ± 0.3", "78.6 ± 0.5"),
    ),
    "instrument": (
        ("72.6 ± 0.3", "72.9 ± 0.5", "75.4 ± 0.0"),
        ("69.8 ± 0.4", "70.4 ± 0.4", "73.0 ± 0.8"),
    ),
    "pitch": (
        ("91.8 ± 0.1", "90.1 ± 0.0", "92.2 ± 0.1"),
        ("89.4 ± 0.3", "87.6 ± 0.7", "89.9 ± 0.3"),
    ),
    "word": (
        ("87.3 ± 0.1", "88.5 ± 0.3", "90.5 ± 0.3"),
        ("83.5 ± 0.6", "83.9 ± 0.4", "86.2 ± 0.8"),
    ),
}
_TABLE_A7_SHARED = {
    "scene": "97.4 ± 0.3",
    "bird": "79.7 ± 1.0",
    "instrument": "70.7 ± 0.5",
    "pitch": "86.7 ± 0.5",
    "word": "86.8 ± 0.1",
}
# The paper's tasks are these data sets' only.
_PAPER_DATA = {
    "scene": ("tut_urban2018",),
    "bird": ("dcase2018_birds",),
    "instrument": ("nsynth_notes", "nsynth"),
    "pitch": ("nsynth_notes", "nsynth"),
    "word": ("speech_commands35",),
}

# Of a run's config: what tells one arm, and one run of it, from another.
_FIELDS = (
    "seed",
    "model.downsampling",
    "model.transition_band",
    "model.shared_stride",
)


@dataclasses.dataclass(frozen=True, order=True)
class Row:
    """What one row of a table is about."""

    setting: str
    task: str
    data: str
    split_name: str
    recordings: int


def paper_value(row: Row, arm: str) -> str:
    """What the paper prints there, or "".

    >>> paper_value(Row("single", "pitch", "nsynth_notes", "paper", 1),
    ...             "diffstride")
    '92.2 ± 0.1'
    """
    if row.data not in _PAPER_DATA.get(row.task, ()):
        return ""
    if row.split_name != "paper":
        return ""  # on other recordings: not to be compared
    multi = row.setting == "multi"
    if arm == "diffstride shared" and multi:
        return _TABLE_A7_SHARED[row.task]
    if arm not in _TABLE_1_ARMS:
        return ""
    return _TABLE_1[row.task][multi][_TABLE_1_ARMS.index(arm)]


def collect(workdirs) -> dict[Row, dict[str, list[float]]]:
    """{row: {arm: accuracies in %}} of runs that were evaluated on test.

    Raises:
        UserError: if two runs of a cell have the same seed, which would count
            one result twice, or none was evaluated.
    """
    table = collections.defaultdict(lambda: collections.defaultdict(list))
    seen = {}
    for workdir in sorted(map(pathlib.Path, workdirs)):
        evaluation = score_files.read(workdir, "test")
        if evaluation is None:
            continue
        config = load_config(workdir, _FIELDS)
        tasks = evaluation["tasks"]
        for task, score in tasks.items():
            row = Row(
                "multi" if len(tasks) > 1 else "single",
                task,
                pathlib.Path(score["data"]).name,
                score["split_name"],
                score["recordings"],
            )
            cell = (row, _arm(config.model), config.seed)
            if cell in seen:
                raise UserError(
                    f"{seen[cell]} and {workdir} are the same arm, data and "
                    "seed; leave one of them out"
                )
            seen[cell] = workdir
            table[row][_arm(config.model)].append(100 * score["accuracy"])
    if not table:
        raise UserError(
            "no run there was evaluated on the test split; run evaluate.py on "
            "them"
        )
    return {row: dict(table[row]) for row in sorted(table)}


def _arm(model) -> str:
    arm = model.downsampling
    if arm == "diffstride":
        arm += " scale-free" * bool(model.get("smoothness_percent"))
        arm += " inside" * (model.transition_band == "inside")
        arm += " shared" * bool(model.shared_stride)
    words = POSITION_WORDS.get(model.get("downsampling_position"))
    return f"{arm} {words}" if words else arm


def _title(arm: str) -> str:
    downsampling, *more = arm.split()
    return " ".join([ARMS[downsampling].title, *more])


def cells(table: dict[Row, dict[str, list[float]]]) -> list[list[str]]:
    """The table as text: a header, a row per task, a mean per setting."""
    there = {arm for row in table.values() for arm in row}
    arms = [arm for arm in _ORDER if arm in there]
    arms += sorted(there - {*arms})
    header = ["Setting", "Task", "Data", "Split", "Recordings"]
    for arm in arms:
        header += [_title(arm), "paper"]
    lines = [header]
    for setting in ("single", "multi"):
        rows = [row for row in table if row.setting == setting]
        for row in rows:
            line = [setting, row.task, row.data, row.split_name]
            line.append(str(row.recordings))
            for arm in arms:
                values = table[row].get(arm, [])
                line += [mean_and_deviation(values), paper_value(row, arm)]
            lines.append(line)
        if len({row.task for row in rows}) == len(rows) > 1:
            lines.append(_mean_line(setting, rows, arms, table))
    return lines


def _mean_line(setting, rows, arms, table) -> list[str]:
    """Means over the tasks, for arms that have them all."""
    line = [setting, "mean", "", "", ""]
    for arm in arms:
        means = [
            statistics.mean(table[r][arm]) for r in rows if arm in table[r]
        ]
        whole = len(means) == len(rows)
        line += [f"{statistics.mean(means):.1f}" if whole else "", ""]
    return line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `audio-diffstride tables`."""
    parser.add_argument(
        "--runs", required=True, nargs="+", help="work directories, or globs"
    )
    parser.add_argument(
        "--output", default=".", help="folder for table.md, .csv and .tex"
    )
    parser.add_argument(outputs.FLAG, action="store_true", help=outputs.HELP)


def run(args: argparse.Namespace) -> None:
    """Prints and writes the table."""
    folder = outputs.folder(args.output)
    files = {
        folder / "table.md": to_markdown,
        folder / "table.csv": to_csv,
        folder / "table.tex": to_latex,
    }
    outputs.refuse_to_replace(files, args.overwrite)
    workdirs = {path for runs in args.runs for path in glob.glob(runs)}
    lines = cells(collect(workdirs))
    for path, render in files.items():
        atomic.write_text(path, render(lines))
    print(to_markdown(lines))
    print("test accuracy in %, mean ± sample deviation (runs)")
    print(f"written: {folder}/table.md, table.csv, table.tex")
