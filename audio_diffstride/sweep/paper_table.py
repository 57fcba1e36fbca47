"""Evaluated runs as the paper's Table 1 and Table A.7.

Accuracies are means ± sample standard deviations over runs that differ in
their seed only. A task with several labels has its mean average precision.
Where the paper has a value, it is beside them. A row also shows the split and
the number of recordings: accuracies on others cannot be compared.
"""

from __future__ import annotations

import collections
import dataclasses
import os
import pathlib
import statistics
from collections.abc import Iterable

import ml_collections

from audio_diffstride.config.arms import ARMS, POSITION_WORDS
from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import score_files, truth
from audio_diffstride.runs.loading import load_config
from audio_diffstride.sweep.paper_values import paper_value
from audio_diffstride.terminal.notices import warn
from audio_diffstride.terminal.text_table import mean_and_std

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
)  # Any others come after these.

# The fields of a config that tell arms, and runs of one arm, apart.
_FIELDS = (
    "seed",
    "model.downsampling",
    "model.transition_band",
    "model.shared_stride",
)


@dataclasses.dataclass(frozen=True, order=True)
class Row:
    """What the accuracies of one table row have in common."""

    setting: str  # "single" or "multi": how many tasks a run has
    task: str
    data: str
    split_name: str
    recordings: int


Table = dict[Row, dict[str, list[float]]]


def collect(workdirs: Iterable[str | os.PathLike[str]]) -> Table:
    """{row: {arm: accuracies in %}} of runs that were evaluated on test.

    Raises:
        UserError: if no run was evaluated, or two runs of a cell have the
            same seed.
    """
    table: Table = collections.defaultdict(
        lambda: collections.defaultdict(list)
    )
    seen: dict[tuple[Row, str, int], pathlib.Path] = {}
    evaluations = []
    for workdir in sorted(map(pathlib.Path, workdirs)):
        evaluation = score_files.read(workdir, "test")
        if evaluation is None:
            continue
        config = load_config(workdir, _FIELDS)
        arm = _arm(config.model)
        tasks = evaluation["tasks"]
        evaluations.append((workdir, tasks))
        for task, score in tasks.items():
            name, value = score_files.headline(score)
            of_one_label = score_files.kind_of(score) is ONE_LABEL
            row = Row(
                "multi" if len(tasks) > 1 else "single",
                task if of_one_label else f"{task} ({name.replace('_', ' ')})",
                pathlib.Path(score["data"]).name,
                score["split_name"],
                score["recordings"],
            )
            cell = (row, arm, config.seed)
            if cell in seen:
                raise UserError(
                    f"{seen[cell]} and {workdir} are the same arm, data and "
                    "seed; leave one of them out"
                )
            seen[cell] = workdir
            table[row][arm].append(100 * value)
    if not table:
        raise UserError(
            "none of these runs was evaluated on the test split; run "
            "evaluate.py on them"
        )
    for sentence in truth.find_differing(evaluations):
        warn(sentence)
    return {row: dict(table[row]) for row in sorted(table)}


def _arm(model: ml_collections.ConfigDict) -> str:
    """The name of a run's arm, from the fields of its `config.model`."""
    arm = model.downsampling
    if arm == "diffstride":
        arm += " scale-free" * bool(model.get("smoothness_percent"))
        arm += " inside" * (model.transition_band == "inside")
        arm += " shared" * bool(model.shared_stride)
        arm += _folding(model)
    words = POSITION_WORDS.get(model.get("downsampling_position"))
    return f"{arm} {words}" if words else arm


def _folding(model: ml_collections.ConfigDict) -> str:
    """What tells arms that fold apart; "" for one that does not."""
    start, learned = model.get("folding", 0.0), model.get("learn_folding")
    if not start and not learned:
        return ""
    axes, channels = model.get("folded_axes"), model.get("folded_channels")
    return (
        (f" folding from {start:g}" if learned else f" folded {start:g}")
        + " shared" * bool(model.get("shared_folding"))
        + (f" {axes} axis" if axes not in ("all", None) else "")
        + (" half" if channels == "half" else "")
    )


def _title(arm: str) -> str:
    downsampling, *more = arm.split()
    return " ".join([ARMS[downsampling].title, *more])


def cells(table: Table) -> list[list[str]]:
    """The table as text: a header, a row per task, a mean per setting."""
    present = {arm for row in table.values() for arm in row}
    arms = [arm for arm in _ORDER if arm in present]
    arms += sorted(present - {*arms})
    header = ["Setting", "Task", "Data", "Split", "Recordings"]
    for arm in arms:
        header += [_title(arm), "paper"]
    lines = [header]
    for setting in ("single", "multi"):
        rows = [row for row in table if row.setting == setting]
        lines += [_line(row, arms, table[row]) for row in rows]
        if len({row.task for row in rows}) == len(rows) > 1:
            lines.append(_mean_line(setting, rows, arms, table))
    return lines


def _line(
    row: Row, arms: list[str], accuracies: dict[str, list[float]]
) -> list[str]:
    line = [row.setting, row.task, row.data, row.split_name]
    line.append(str(row.recordings))
    for arm in arms:
        line.append(mean_and_std(accuracies.get(arm, [])))
        line.append(
            paper_value(
                arm, row.task, row.data, row.split_name, row.setting == "multi"
            )
        )
    return line


def _mean_line(
    setting: str, rows: list[Row], arms: list[str], table: Table
) -> list[str]:
    """Means over the tasks, for the arms that have all of them."""
    line = [setting, "mean", "", "", ""]
    for arm in arms:
        means = [
            statistics.mean(table[r][arm]) for r in rows if arm in table[r]
        ]
        has_all = len(means) == len(rows)
        line += [f"{statistics.mean(means):.1f}" if has_all else "", ""]
    return line
