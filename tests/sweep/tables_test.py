"""Evaluated runs as the paper's tables."""

import csv

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.sweep import paper_table
from tests.support.planned_sweep import SCORES


def write_run(folder, accuracies, seed=0, arm="diffstride", **kwargs):
    folder.mkdir(parents=True)
    model = {
        "downsampling": arm,
        "transition_band": kwargs.pop("transition_band", "outside"),
        "shared_stride": kwargs.pop("shared_stride", False),
        "smoothness_percent": kwargs.pop("smoothness_percent", 0.0),
        "folding": kwargs.pop("folding", 0.0),
        "learn_folding": kwargs.pop("learn_folding", False),
    }
    atomic.write_json(folder / "config.json", {"model": model, "seed": seed})
    origin = {"data": "nsynth_notes", "split_name": "paper", **kwargs}
    scores = {
        task: SCORES | {"accuracy": accuracy} | origin
        for task, accuracy in accuracies.items()
    }
    report = {"split": "test", "model": "best", "tasks": scores}
    atomic.write_json(folder / "evaluation_test" / "scores.json", report)


def table(tmp_path):
    lines = paper_table.cells(paper_table.collect(tmp_path.iterdir()))
    return [dict(zip(lines[0], line)) for line in lines[1:]], lines


def test_seeds_become_mean_and_sample_deviation_beside_the_paper(tmp_path):
    for seed, accuracy in enumerate((0.90, 0.92, 0.95)):
        write_run(tmp_path / f"a{seed}", {"pitch": accuracy}, seed)
    write_run(tmp_path / "b", {"pitch": 0.8}, arm="spectral")
    _, lines = table(tmp_path)
    assert lines == [
        [
            *("Setting", "Task", "Data", "Split", "Recordings"),
            *("Spectral", "paper", "DiffStride", "paper"),
        ],
        [
            *("single", "pitch", "nsynth_notes", "paper", "12678"),
            *("80.0 (1)", "90.1 ± 0.0", "92.3 ± 2.5 (3)", "92.2 ± 0.1"),
        ],
    ]


def test_multi_task_runs_have_rows_and_a_mean_of_their_own(tmp_path):
    write_run(tmp_path / "a", {"pitch": 0.9, "instrument": 0.7})
    write_run(tmp_path / "b", {"pitch": 0.8})
    rows, _ = table(tmp_path)
    found = [(r["Setting"], r["Task"], r["DiffStride"]) for r in rows]
    assert found == [
        ("single", "pitch", "80.0 (1)"),
        ("multi", "instrument", "70.0 (1)"),
        ("multi", "pitch", "90.0 (1)"),
        ("multi", "mean", "80.0"),
    ]
    assert rows[1]["paper"] == "73.0 ± 0.8"


def test_shared_strides_are_an_arm_with_table_a7_beside_it(tmp_path):
    accuracies = {"pitch": 0.9, "instrument": 0.7}
    write_run(tmp_path / "a", accuracies, shared_stride=True)
    rows, lines = table(tmp_path)
    assert lines[0][5:] == ["DiffStride shared", "paper"]
    assert rows[1]["paper"] == "86.7 ± 0.5"


def test_another_band_is_an_arm_of_its_own_without_the_papers_value(tmp_path):
    write_run(tmp_path / "a", {"pitch": 0.9})
    write_run(tmp_path / "b", {"pitch": 0.8}, smoothness_percent=4.0)
    write_run(tmp_path / "c", {"pitch": 0.7}, transition_band="inside")
    _, lines = table(tmp_path)
    names = ("DiffStride", "DiffStride scale-free", "DiffStride inside")
    assert lines[0][5::2] == [*names]
    assert lines[1][6::2] == ["92.2 ± 0.1", "", ""]


def test_runs_that_fold_are_arms_of_their_own(tmp_path):
    inside = {"transition_band": "inside"}
    write_run(tmp_path / "a", {"pitch": 0.9}, **inside)
    write_run(tmp_path / "b", {"pitch": 0.8}, **inside, folding=1.0)
    write_run(
        tmp_path / "c",
        {"pitch": 0.7},
        **inside,
        folding=0.5,
        learn_folding=True,
    )
    _, lines = table(tmp_path)
    assert lines[0][5:] == [
        "DiffStride inside",
        "paper",
        "DiffStride inside folded 1",
        "paper",
        "DiffStride inside folding from 0.5",
        "paper",
    ]


def test_other_data_have_no_value_of_the_paper(tmp_path):
    write_run(tmp_path / "a", {"pitch": 0.9}, data="/own/notes.csv")
    rows, _ = table(tmp_path)
    assert rows[0]["paper"] == ""
    assert rows[0]["Data"] == "notes.csv"


def test_splits_are_not_mixed(tmp_path):
    write_run(tmp_path / "a", {"pitch": 0.9})
    write_run(tmp_path / "b", {"pitch": 0.8}, split_name="official")
    rows, _ = table(tmp_path)
    assert [r["Split"] for r in rows] == ["official", "paper"]
    # The paper's accuracy is one on its own split.
    assert [r["paper"] for r in rows] == ["", "92.2 ± 0.1"]


def test_all_three_files_are_written(tmp_path, capsys):
    write_run(tmp_path / "runs" / "a_&", {"pitch": 0.9}, data="a_&b")
    call(
        "tables",
        ["--runs", str(tmp_path / "runs" / "*"), "--output", str(tmp_path)],
    )
    printed = capsys.readouterr().out
    markdown = (tmp_path / "table.md").read_text()
    assert markdown in printed
    assert "| single | pitch | a_&b | paper |" in markdown
    with open(tmp_path / "table.csv", newline="") as file:
        assert list(csv.reader(file))[1][5] == "90.0 (1)"
    latex = (tmp_path / "table.tex").read_text()
    assert r"single & pitch & a\_\&b & paper & 12678 & 90.0 (1)" in latex


def test_tables_that_are_there_are_not_overwritten_unasked(tmp_path):
    write_run(tmp_path / "runs" / "a", {"pitch": 0.9})
    (tmp_path / "table.csv").write_text("mine")
    command = ["--runs", f"{tmp_path}/runs/*", "--output", str(tmp_path)]
    with pytest.raises(UserError, match="table.csv is there already; give an"):
        call("tables", command)
    assert {p.name for p in tmp_path.iterdir()} == {"runs", "table.csv"}
    call("tables", [*command, "--overwrite"])
    assert (tmp_path / "table.csv").read_text() != "mine"


def test_mistakes_are_reported(tmp_path):
    with pytest.raises(UserError, match="none of these runs was evaluated"):
        paper_table.collect([tmp_path])
    write_run(tmp_path / "a", {"pitch": 0.9})
    write_run(tmp_path / "b", {"pitch": 0.9})
    with pytest.raises(UserError, match="the same arm, data and seed"):
        paper_table.collect(tmp_path.iterdir())
