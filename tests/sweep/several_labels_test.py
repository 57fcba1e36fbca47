"""Sweeps and tables of tasks with several labels."""

import numpy as np

from audio_diffstride.evaluation import several_labels
from audio_diffstride.files import atomic
from audio_diffstride.sweep import paper_table, runs_csv, settings_table
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.results import Result

RUNS = [
    PlannedRun(f"{arm}-{seed}", arm, "", {}, seed, {})
    for arm in ("strided_conv", "diffstride")
    for seed in (0, 1)
]
RESULTS = [
    Result(
        run,
        {"bird": 60.0 + number, "site": 90.0},
        {"bird": "d", "site": "d"},
        0.5,
        10**6,
        1.0,
        {"block1_time": 2.0},
        num_recordings={"bird": 9, "site": 9},
        several_labels=("bird",),
    )
    for number, run in enumerate(RUNS)
]


def test_a_table_names_the_score_of_each_task():
    tables = settings_table.tables(RUNS, RESULTS)
    assert [*tables][:2] == [
        "Mean average precision in % on bird (d)",
        "Accuracy in % on site (d)",
    ]
    names = [RESULTS[0].score_name(tasks) for tasks in (["bird"], ["site"], [])]
    assert names == ["mean average precision", "accuracy", "score"]


def test_what_is_kept_of_a_sweep_is_read(tmp_path):
    rows = runs_csv.rows(RESULTS)
    assert rows[0]["bird_average_precision"] == 60.0
    assert "bird_accuracy" not in rows[0]
    atomic.write_rows(tmp_path / "runs.csv", rows)
    read = runs_csv.read(tmp_path / "runs.csv", RUNS)
    assert [*read.values()] == RESULTS


def test_a_run_is_in_the_table_of_the_paper_by_its_own_score(tmp_path):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (20, 3))
    scores = several_labels.scores(labels, rng.normal(0, 1, (20, 3)), [*"rwo"])
    scores |= {"data": "birds.csv", "split_name": "own"}
    model = {
        "downsampling": "spectral",
        "transition_band": "outside",
        "shared_stride": False,
    }
    atomic.write_json(tmp_path / "config.json", {"model": model, "seed": 0})
    report = {"split": "test", "model": "best", "tasks": {"bird": scores}}
    atomic.write_json(tmp_path / "evaluation_test" / "scores.json", report)
    _, row = paper_table.cells(paper_table.collect([tmp_path]))
    value = 100 * scores["mean_average_precision"]
    assert "bird (mean average precision)" in row
    assert any(f"{value:.1f}" in cell for cell in row)
