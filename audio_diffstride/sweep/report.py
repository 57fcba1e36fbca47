"""Writes the tables and figures of a sweep from the runs that exist."""

from __future__ import annotations

import pathlib

from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.sweep import (
    comparison,
    complexity_plot,
    dynamics_plot,
    folds_table,
    recall,
    runs_csv,
    settings_table,
)
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.terminal.text_table import aligned, to_csv, to_markdown


def write(folder: pathlib.Path, runs: list[PlannedRun], split: str) -> None:
    """Writes results_SPLIT/ of a sweep, and prints its tables.

    Args:
        folder: of the sweep.
        runs: of its plan.
        split: that the runs were evaluated on.

    Raises:
        UserError: if no run was evaluated, or files of one are damaged.
    """
    output = folder / f"results_{split}"
    found = runs_csv.collect(folder, runs, split)
    if not found:
        raise UserError(
            f"no run of {folder} has been trained and evaluated on the {split} "
            "split; give the whole command of the sweep, which does both"
        )
    tables = settings_table.tables(runs, found)
    tables |= folds_table.tables(runs, found)
    atomic.write_text(output / "table.csv", _as_one_csv(tables))
    compared = comparison.compare(found)
    if compared:
        caption = "Arms compared over runs of the same setting and seed"
        tables[caption] = comparison.cells(compared)
        atomic.write_rows(output / "comparison.csv", compared)
    text = "".join(f"{c}.\n\n{to_markdown(t)}\n" for c, t in tables.items())
    atomic.write_text(output / "table.md", text)
    atomic.write_rows(output / runs_csv.FILE, runs_csv.rows(found))
    recalls = recall.rows(folder, found, split)
    if recalls:
        atomic.write_rows(output / recall.FILE, recalls)
    complexity_plot.draw(found, output / "complexity.png")
    with_history = [
        result
        for result in found
        if result.run.learns_strides and (folder / result.run.name).exists()
    ]
    if with_history:
        dynamics_plot.draw(folder, with_history, output / "dynamics.png")
    for caption, lines in tables.items():
        print(f"\n{caption}", *aligned(lines), sep="\n")
    print(f"\n{split} split; mean ± sample standard deviation (runs)")
    if len(found) < len(runs):
        print(f"{len(runs) - len(found)} of {len(runs)} runs are missing")
    written = sorted(path.name for path in output.glob("[!.]*"))
    print(f"\nwritten: {output}, with {', '.join(written)}")


def _as_one_csv(tables: dict[str, list[list[str]]]) -> str:
    """All tables below each other, with the caption as the first column."""
    return to_csv(
        [
            [caption if number else "Quantity", *line]
            for caption, lines in tables.items()
            for number, line in enumerate(lines)
        ]
    )
