"""`probe`: its table, its files, and what it refuses."""

import csv
import json
import pathlib

import numpy as np
import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.embeddings import table
from audio_diffstride.errors import UserError
from tests.support.synthetic import write_csv

COLUMNS = {
    "path": lambda i: f"{i}.wav",
    "bird": lambda i: "abc"[i % 3],
    "site": lambda i: f"s{i // 3 % 4}",
}


def write(folder, count=48, **columns):
    """A table of embeddings, and the labels."""
    rng = np.random.default_rng(0)
    rows = []
    for index in range(count):
        for start_s in (0.0, 1.0):
            vector = 2 * np.eye(4)[index % 3] + rng.normal(size=4)
            window = table.WindowVector(
                start_s, start_s + 1, False, vector.tolist()
            )
            rows.append((f"{index}.wav", window))
    table.write(folder / "e.parquet", rows, 4, {})
    columns = {**COLUMNS, **columns}
    write_csv(
        folder / "m.csv",
        [{n: c(i) for n, c in columns.items()} for i in range(count)],
    )
    return folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write(tmp_path)


def probe(*more, output="out"):
    call(
        "probe",
        ["e.parquet", "--data", "m.csv", "--output", output, *more],
    )


KINDS = ("csv", "json")
GROUPS = ["--columns", "group=site"]


def test_the_files_say_what_the_terminal_says(folder, capsys):
    probe(*GROUPS, "--examples", "5,1", "--draws", "3")
    printed = capsys.readouterr().out
    with open("out/probe.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    content = json.loads(pathlib.Path("out/probe.json").read_text())
    assert [(row["probe"], row["examples"]) for row in rows] == [
        (probe, examples)
        for probe in ("logistic_regression", "nearest_neighbours")
        for examples in ("1", "5", "all")
    ]
    for row, of_json in zip(rows, content["results"], strict=True):
        assert float(row["accuracy"]) == of_json["scores"]["accuracy"]["value"]
        line = next(
            line
            for line in printed.splitlines()
            if line.split()[:3] == ["bird", row["probe"], row["examples"]]
        )
        assert f"{100 * float(row['accuracy']):.1f} %" in line
        draws = of_json["scores"]["accuracy"]["draws"]
        assert len(draws) == (0 if row["examples"] == "all" else 3)
        assert (row["accuracy_deviation"] == "") == (not draws)
        assert float(row["accuracy_low"]) < float(row["accuracy_high"])
    about = content["tasks"]["bird"]
    assert about["tests"] == "each of 4 groups"
    assert about["resampled"] == "groups" and about["chance"] == 1 / 3
    assert "bird: 48 recordings of 3 classes, chance 33.3 %" in printed
    better = float(rows[2]["accuracy"])
    assert better > 0.8 > 1 / 3


def test_the_same_command_writes_the_same_bytes(folder):
    for name in ("one", "other"):
        probe("--examples", "2", "--draws", "2", output=name)
    texts = {
        name: [(folder / name / f"probe.{kind}").read_text() for kind in KINDS]
        for name in ("one", "other")
    }
    assert texts["one"] == texts["other"]
    probe("--examples", "2", "--draws", "2", "--seed", "1", output="seed")
    assert (folder / "seed" / "probe.csv").read_text() != texts["one"][0]


def test_recordings_without_a_label_of_a_task_are_left_out_of_it(folder):
    write(folder, sex=lambda i: ["", "f", "m"][i % 3])
    probe("--tasks", "bird", "sex")
    content = json.loads(pathlib.Path("out/probe.json").read_text())
    counts = {k: v["recordings"] for k, v in content["tasks"].items()}
    assert counts == {"bird": 48, "sex": 32}
    assert content["tasks"]["sex"]["classes"] == ["f", "m"]


def test_a_class_of_one_group_is_named(folder, capsys):
    write(folder, site=lambda i: "s9" if i % 3 == 2 else f"s{i // 3 % 4}")
    probe(*GROUPS)
    printed = capsys.readouterr().err
    assert "1 classes of bird are in one test set only" in printed
    assert printed.endswith("learned them: c\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--examples", "1,x"], "--examples is 1,x, but must be numbers from"),
        (["--examples", "0"], "--examples is 0, but must be numbers from 1"),
        (["--examples", "16"], "has 16, but the class a has only 16 recor"),
        (["--draws", "3"], "--draws needs --examples; give both"),
        (["--examples", "1", "--draws", "0"], "--draws is 0, but must be"),
        (["--folds", "1"], "--folds is 1, but must be from 2 to 1000"),
        (["--neighbours", "0"], "--neighbours is 0, but must be from 1"),
        (["--seed", "-1"], "--seed is -1, but must be from 0"),
        (["--tasks", "fish"], "has no column 'fish' to predict"),
        (["--output", "e.parquet"], "--output e.parquet is a file; give a fol"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(
    folder, words, message
):
    with pytest.raises(UserError, match=message):
        probe(*words)
    assert not pathlib.Path("out").exists()


def test_a_task_with_several_labels_is_refused(folder):
    write(folder, bird=lambda i: "abc"[i % 3] + (";a" if i == 1 else ""))
    with pytest.raises(UserError, match="the task bird has several labels per"):
        probe("--tasks", "bird")
    assert not pathlib.Path("out").exists()


def test_results_that_are_there_are_kept(folder):
    pathlib.Path("out").mkdir()
    pathlib.Path("out/probe.csv").write_text("mine")
    with pytest.raises(UserError, match="probe.csv is there already; give"):
        probe()
    assert pathlib.Path("out/probe.csv").read_text() == "mine"
    probe("--overwrite")
    assert pathlib.Path("out/probe.csv").read_text() != "mine"
