"""The page of few examples has the numbers of its sweeps."""

import pathlib

import pytest

from audio_diffstride.sweep import folds_table, plan_file, runs_csv

RESULTS = pathlib.Path(__file__).parents[2] / "docs" / "results"
NAMES = {
    "esc10_few": (
        "random weights",
        "notes, all is trained",
        "notes, heads only",
    ),
    "esc10_few_heads": ("notes, heads only, rate 0.01",),
    "digits_few": (
        "digits: random weights",
        "digits: notes, all is trained",
        "digits: notes, heads only",
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_the_accuracies_of_every_start(name):
    runs = plan_file.read(RESULTS / name)
    found = runs_csv.collect(RESULTS / name, runs, "test")
    tables = folds_table.tables(runs, found)
    lines = (RESULTS / "few_examples.md").read_text().splitlines()
    starts = dict.fromkeys(run.varied["start"] for run in runs)
    for row, start in zip(NAMES[name], starts, strict=True):
        for table in tables.values():
            for line in table[1:]:
                examples, of_row, _, cell = line
                if of_row == start:
                    places = [
                        text
                        for text in lines
                        if text.startswith(f"| {examples} | {row} |")
                    ]
                    assert len(places) == 1 and f"| {cell} |" in places[0]
