"""The studies' tables are those of their numbers."""

import pathlib
import shutil

import pytest

from audio_diffstride.sweep import plan_file, runs_csv
from audio_diffstride.sweep.__main__ import main

RESULTS = pathlib.Path(__file__).parents[1] / "docs" / "results"
SWEEPS = sorted(path.name for path in RESULTS.iterdir() if path.is_dir())


def test_there_are_studies():
    assert {"digits", "speakers", "pitch", "instrument", "notes"} <= {*SWEEPS}


@pytest.mark.parametrize("name", SWEEPS)
def test_the_numbers_are_of_the_plan(name):
    runs = plan_file.read(RESULTS / name)
    found = runs_csv.collect(RESULTS / name, runs, "test")
    order = [runs.index(result.run) for result in found]
    assert order == sorted(order)
    assert {r.run.arm for r in found} == {run.arm for run in runs}
    assert all(result.accuracies for result in found)


def test_a_study_is_written_again_as_it_is(tmp_path):
    shutil.copytree(RESULTS / "pitch", tmp_path / "pitch")
    main(["--output", str(tmp_path / "pitch")])
    for name in ("table.md", "comparison.csv", "runs.csv", "recall.csv"):
        place = pathlib.Path("pitch") / "results_test" / name
        assert (tmp_path / place).read_text() == (RESULTS / place).read_text()


def test_the_pages_have_the_tables_of_the_overview():
    *tables, _ = (RESULTS / "overview.md").read_text().split("\n\n")
    titles = [table.split("|")[1].strip() for table in tables]
    assert titles == [
        "Accuracy in %",
        "Row",
        "First strides",
        "First strides",
        "Sweep",
        "Recall in %: pitch",
    ]
    root = RESULTS.parents[1]
    assert tables[0] in (root / "README.md").read_text()
    studies = (root / "docs" / "studies.md").read_text()
    for title, table in zip(titles, tables):
        assert title == "Row" or table in studies, title
