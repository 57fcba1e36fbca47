"""The studies' tables are those of their numbers."""

import csv
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from audio_diffstride.__main__ import call, parse
from audio_diffstride.config import config_fields
from audio_diffstride.published import models
from audio_diffstride.sweep import arguments, plan_file, runs_csv
from tests.support.planned_sweep import count_once

ROOT = pathlib.Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
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


@functools.cache
def commands() -> dict[str, list[str]]:
    """{sweep: its arguments}, as sweeps.sh gives them."""
    printed = subprocess.run(
        ["sh", ROOT / "studies" / "sweeps.sh", "runs/studies"],
        env=os.environ | {"PYTHON": "echo"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    lines = [line.split()[3:] for line in printed.splitlines()]
    return {
        line[line.index("--output") + 1].split("/")[-1]: line for line in lines
    }


def test_every_study_has_its_command():
    assert sorted(commands()) == SWEEPS


def write_config(start: str, folder: pathlib.Path) -> None:
    """The config of a run of a kept sweep, that another sweep starts from."""
    workdir = pathlib.PurePath(start)
    kept = RESULTS / workdir.parent.name
    if start == "random":
        return
    (run,) = [r for r in plan_file.read(kept) if r.name == workdir.name]
    config = config_fields.nest(plan_file.read_config(kept) | run.fields)
    (folder / workdir).mkdir(parents=True, exist_ok=True)
    text = config.to_json_best_effort()
    (folder / workdir / "config.json").write_text(text)


@pytest.mark.parametrize("name", SWEEPS)
def test_the_kept_plan_is_what_the_command_plans(name, tmp_path, monkeypatch):
    count_once(monkeypatch)
    args = parse("sweep", commands()[name])
    arguments.set_defaults(args)
    monkeypatch.setattr(models, "run_folder", tmp_path.joinpath)
    for start in args.starts:
        write_config(start.partition(":")[0], tmp_path)
    sweep = arguments.read(args)
    plan_file.begin(tmp_path / "new", sweep.config, sweep.runs())
    kept = json.loads((RESULTS / name / "plan.json").read_text())
    kept["config"] = config_fields.complete(kept["config"])
    assert json.loads((tmp_path / "new" / "plan.json").read_text()) == kept


def test_a_study_is_written_again_as_it_is(tmp_path):
    shutil.copytree(RESULTS / "pitch", tmp_path / "pitch")
    call("sweep", ["--output", str(tmp_path / "pitch")])
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
    studies = (RESULTS / "studies.md").read_text()
    for title, table in zip(titles, tables):
        assert title == "Row" or table in studies, title


def test_the_page_of_folding_has_its_tables():
    *tables, _ = (RESULTS / "folds.md").read_text().split("\n\n")
    titles = [table.split("|")[1].strip() for table in tables]
    assert titles == [
        "Accuracy in %",
        "Row",
        "Mean of the rows",
        "Smallest difference",
        "Training and test",
        "Learned folding",
        "Sweep",
    ]
    page = (RESULTS / "folding.md").read_text()
    for title, table in zip(titles, tables):
        if title == "Sweep":  # the page has the runs of 2,400 steps
            longer = [r for r in table.splitlines() if "_longer" in r]
            assert len(longer) >= 5 and all(row in page for row in longer)
        else:
            assert table in page, title


def test_the_page_of_folding_has_the_other_forms():
    page = (RESULTS / "folding.md").read_text()
    for task in ("pitch", "instrument"):
        path = RESULTS / f"folding_forms_{task}.csv"
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) >= 3
        for row in rows:
            cells = f"| {row['accuracy']} | {row['time']}, {row['frequency']} |"
            (line,) = [
                line
                for line in page.splitlines()
                if line.startswith(f"| {row['form']} |")
            ]
            assert cells in line, row


@pytest.mark.parametrize(
    "name", ["recipes", "recipes_speakers", "recipes_pitch"]
)
def test_the_page_of_augmentation_has_its_tables(name):
    *tables, _ = (RESULTS / f"{name}.md").read_text().split("\n\n")
    page = (RESULTS / "augmentation.md").read_text()
    assert len(tables) == 2 and all(table in page for table in tables)


def test_the_readme_has_a_part_of_the_first_table():
    full = cells((RESULTS / "folds.md").read_text().split("\n\n")[0])
    readme = (RESULTS.parents[1] / "README.md").read_text()
    (small,) = [
        cells(part)
        for part in readme.split("\n\n")
        if part.startswith("| Accuracy in % |")
    ]
    arms = ["Strided conv.", "Spectral", "DiffStride folding low cost"]
    rows = [
        "Digits, known speakers",
        "Digits, unseen speakers",
        "Environmental sounds",
        "Instrument",
        "Pitch",
    ]
    assert {*small} == {(row, arm) for row in rows for arm in arms}
    for place, cell in small.items():
        assert re.fullmatch(r"\d+\.\d ± \d+\.\d \(\d+\)", cell)
        assert cell == full[place], place


def cells(table: str) -> dict[tuple[str, str], str]:
    """{(row, arm): accuracy} of a table in Markdown; rows of one task each."""
    header, _, *lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.strip().splitlines()
    ]
    rows = [line[0] for line in lines]
    return {
        (line[0], arm): cell
        for line in lines
        if rows.count(line[0]) == 1
        for arm, cell in zip(header[1:], line[1:])
        if arm != "Task"
    }
