"""Robustness: what is measured, the tables, and the page of the kept runs."""

import csv
import os
import pathlib
import re
import subprocess

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference
from audio_diffstride.runs import loading
from audio_diffstride.sweep import plan_file, runs_csv
from studies import robustness, robustness_tables, robustness_values
from studies.shifts import NUM_HOPS
from studies.sound_changes import CHANGES, UNCHANGED
from tests.support import finished_run, planned_sweep
from tests.support.synthetic import write_csv, write_store

RESULTS = pathlib.Path(__file__).parents[2] / "docs" / "results"
SWEEPS = sorted(
    path.name.removeprefix("robustness_").removesuffix("_shifts.csv")
    for path in RESULTS.glob("robustness_*_shifts.csv")
)


def read(path):
    with open(path, newline="") as file:
        return [*csv.DictReader(file)]


def test_a_run_is_measured_on_all_changes_and_shifts(tmp_path):
    (run, _) = planned_sweep.begin(tmp_path / "sweep")
    store = write_store(tmp_path / "store", {"a": ["x", "y"]})
    workdir = tmp_path / "sweep" / run.name
    finished_run.write(workdir, [store], downsampling="strided_conv")
    of_changes, of_shifts = robustness.measure(workdir)
    assert [row["change"] for row in of_changes] == [*CHANGES]
    config = loading.load_config(workdir)
    scores = inference.evaluate(
        loading.load_model(workdir),
        store.examples("test"),
        loading.evaluation_input(config),
    )
    assert of_changes[0]["right"] / 8 == scores["a"]["accuracy"]
    assert [row["hops"] for row in of_shifts] == [*range(1, NUM_HOPS + 1)]
    assert all(0 <= row["changed"] <= 1 for row in of_shifts)


def test_a_run_is_measured_once_and_new_ones_are_added(tmp_path, monkeypatch):
    runs = planned_sweep.begin(tmp_path / "sweep")
    asked = []

    def measure(workdir):
        asked.append(workdir.name)
        return [{"task": "a", "change": "none"}], [{"task": "a", "hops": 1}]

    monkeypatch.setattr(robustness, "measure", measure)
    argv = [str(tmp_path / "sweep"), "--output", str(tmp_path)]
    robustness.main([*argv, "--arms", "diffstride"])
    robustness.main(argv)
    assert asked == [run.name for run in reversed(runs)]
    for path in robustness_values.paths(tmp_path, "sweep"):
        assert [row["arm"] for row in read(path)] == [r.arm for r in runs]
    # One of the two files was lost: both are written again.
    path.unlink()
    robustness.main(argv)
    assert asked[2:] == [run.name for run in runs]
    for path in robustness_values.paths(tmp_path, "sweep"):
        assert [row["arm"] for row in read(path)] == [r.arm for r in runs]


def test_arms_that_a_sweep_lacks_are_refused(tmp_path):
    planned_sweep.begin(tmp_path / "sweep")
    argv = [str(tmp_path / "sweep"), "--output", str(tmp_path)]
    with pytest.raises(UserError, match="it has strided_conv, diffstride"):
        robustness.main([*argv, "--arms", "spectral"])


def kept(folder, rights, changed):
    """Two folds of two arms, 40 recordings each: for all changes alike."""
    of_changes, of_shifts = [], []
    for arm, fold in np.ndindex(2, 2):
        name = ("strided_conv", "spectral")[arm]
        run = {"name": f"{fold}_{name}", "arm": name}
        run |= {"group": fold, "seed": 0, "task": "a"}
        for change in CHANGES:
            right = rights[arm][fold] if change != UNCHANGED else 40
            of_changes.append(
                run | {"change": change, "right": right, "recordings": 40}
            )
        for hops in range(1, NUM_HOPS + 1):
            share = changed[arm][fold] * hops
            of_shifts.append(
                run | {"windows": 9, "hops": hops, "changed": share}
            )
            of_shifts[-1]["margin_change"] = share / 2
    for path, rows in zip(
        robustness_values.paths(folder, "sweep"), (of_changes, of_shifts)
    ):
        write_csv(path, rows)


def test_the_tables_compare_runs_of_the_same_fold(tmp_path):
    kept(tmp_path, [[10, 20], [20, 22]], [[0.02, 0.04], [0.01, 0.02]])
    robustness_tables.main(
        ["--output", str(tmp_path), "--row", "Birds", "sweep"]
    )
    losses, decisions, margins, accuracies, over = [
        [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in table.splitlines()
        ]
        for table in (tmp_path / "robustness_tables.md")
        .read_text()
        .split("\n\n")[:5]
    ]
    # 25 and 50 % against 50 and 55 %.
    gain = scipy.stats.sem([25, 5])
    lost = ["-15.0", "±", f"{gain:.1f}"]
    assert losses[2][:5] == ["Birds", "Strided conv.", "100.0", "37.5", "62.5"]
    assert losses[3] == [
        "Birds", "Spectral", "100.0", "52.5", "47.5", " ".join(lost), "0.5"
    ]  # fmt: skip
    error = scipy.stats.sem([1, 2])
    assert decisions[3] == [
        "Birds", "Spectral", "1.5", "3.0", "6.0", "12.0", "24.0",
        f"-1.5 ± {error:.1f}", "0.5",
    ]  # fmt: skip
    assert margins[2][2:] == ["1.5", "3.0", "6.0", "12.0", "24.0", "", ""]
    assert len(accuracies) == len(over) == 2 + len(CHANGES)
    assert accuracies[2] == ["Birds", UNCHANGED, "100.0", "100.0"]
    assert accuracies[3][2:] == ["37.5", "52.5"]
    assert over[3][2:] == [f"+15.0 ± {gain:.1f}"]
    assert (tmp_path / "robustness.png").read_bytes().startswith(b"\x89PNG")


def test_a_sweep_that_is_not_measured_is_refused(tmp_path):
    argv = ["--output", str(tmp_path), "--row", "Birds", "sweep"]
    with pytest.raises(UserError, match="has no run of strided_conv; measure"):
        robustness_tables.main(argv)


@pytest.mark.parametrize(
    "damage, message",
    [
        (lambda text: text.replace(",20,", ",many,"), "right is 'many', not a"),
        (lambda text: text.rsplit("\n", 2)[0] + "\n", "1_spectral lacks a row"),
        (lambda text: text.replace(",a,", ",b,", 1), "has several tasks"),
    ],
)
def test_damaged_files_are_refused(tmp_path, damage, message):
    kept(tmp_path, [[10, 20], [20, 22]], [[0.02, 0.04], [0.01, 0.02]])
    path, _ = robustness_values.paths(tmp_path, "sweep")
    path.write_text(damage(path.read_text()))
    with pytest.raises(UserError, match=message):
        robustness_values.read(str(tmp_path), "sweep")


@pytest.mark.parametrize("sweep", SWEEPS)
def test_sound_as_it_is_has_the_accuracy_of_the_sweep(sweep):
    runs = plan_file.read(RESULTS / sweep)
    accuracies = {
        result.run.name: result.accuracies
        for result in runs_csv.collect(RESULTS / sweep, runs, "test")
    }
    rows = read(RESULTS / f"robustness_{sweep}.csv")
    plain = [row for row in rows if row["change"] == UNCHANGED]
    assert len(plain) >= 15
    for row in plain:
        share = 100 * int(row["right"]) / int(row["recordings"])
        assert share == pytest.approx(accuracies[row["name"]][row["task"]])


@pytest.mark.parametrize("sweep", SWEEPS)
def test_every_run_has_every_change_and_shift(sweep):
    of_changes, of_shifts = robustness_values.read(str(RESULTS), sweep)
    names = dict.fromkeys(row["name"] for row in of_changes)
    assert [(row["name"], row["change"]) for row in of_changes] == [
        (name, change) for name in names for change in CHANGES
    ]
    assert [(row["name"], int(row["hops"])) for row in of_shifts] == [
        (name, hops) for name in names for hops in range(1, NUM_HOPS + 1)
    ]


def test_the_script_measures_what_is_kept():
    root = RESULTS.parents[1]
    printed = subprocess.run(
        ["sh", root / "studies" / "robustness.sh", "runs/studies", "kept"],
        env=os.environ | {"PYTHON": "echo"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    commands = [line.split()[2:] for line in printed.splitlines()]
    assert sorted(words[0] for words in commands) == [
        f"runs/studies/{sweep}" for sweep in SWEEPS
    ]
    for sweep, *words in commands:
        assert words[:3] == ["--output", "kept", "--arms"]
        rows = read(RESULTS / f"robustness_{pathlib.Path(sweep).name}.csv")
        assert {*words[3:]} == {row["arm"] for row in rows}


def test_the_tables_are_those_of_the_kept_runs(tmp_path):
    makefile = (RESULTS.parents[1] / "Makefile").read_text()
    (command,) = re.findall(
        r"-m studies\.robustness_tables ((?:.*\\\n)*.*)\n", makefile
    )
    rows = re.findall(r'--row "(.+?)" (\w+)', command)
    assert sorted(sweep for _, sweep in rows) == SWEEPS
    for sweep in SWEEPS:
        for path in robustness_values.paths(RESULTS, sweep):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    argv = [word for row in rows for word in ("--row", *row)]
    robustness_tables.main(["--output", str(tmp_path), *argv])
    made = (tmp_path / "robustness_tables.md").read_text()
    assert made == (RESULTS / "robustness_tables.md").read_text()


def test_every_number_of_the_page_and_the_readme_is_in_the_tables():
    page = (RESULTS / "robustness.md").read_text()
    readme = (RESULTS.parents[1] / "README.md").read_text()
    (item,) = (i for i in readme.split("\n- ") if "results/robustness.md" in i)
    tables = (RESULTS / "robustness_tables.md").read_text()
    for table in tables.split("\n\n")[:2]:
        assert table.strip() in page
    words = re.sub(r"```.*?```", "", page + item, flags=re.S)
    words = " ".join(words.split())
    for pattern in (r"[+-]\d+\.\d+ ± \d+\.\d+", r"\d+\.\d+"):
        numbers = re.findall(pattern, words)
        assert len(numbers) > 10
        assert {*numbers} <= {*re.findall(pattern, tables)}
