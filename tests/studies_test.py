"""The studies' tables are those of their numbers."""

import pathlib
import shutil

import pytest

from audio_diffstride.sweep import plan_file, results, runs_csv
from audio_diffstride.sweep.__main__ import main

RESULTS = pathlib.Path(__file__).parents[1] / "docs" / "results"
SWEEPS = sorted(path.name for path in RESULTS.iterdir() if path.is_dir())


def test_there_are_studies():
    assert {"digits", "speakers", "pitch", "instrument", "notes"} <= {*SWEEPS}


@pytest.mark.parametrize("name", SWEEPS)
def test_no_run_is_missing(name):
    runs = plan_file.read(RESULTS / name)
    path = RESULTS / name / "results_test" / runs_csv.FILE
    found = results.collect(
        RESULTS / name, runs, "test", runs_csv.read(path, runs)
    )
    assert [result.run for result in found] == runs
    assert all(result.accuracies for result in found)


def test_a_study_is_written_again_as_it_is(tmp_path):
    shutil.copytree(RESULTS / "pitch", tmp_path / "pitch")
    main(["--output", str(tmp_path / "pitch")])
    for name in ("table.md", "comparison.csv", "runs.csv", "recall.csv"):
        place = pathlib.Path("pitch") / "results_test" / name
        assert (tmp_path / place).read_text() == (RESULTS / place).read_text()
