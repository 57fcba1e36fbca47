"""Cross-validation in a sweep: its runs, and the accuracy over all folds."""

import dataclasses

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import folds_table, plan_file, report, running
from audio_diffstride.sweep.plan import PlannedRun
from audio_diffstride.sweep.results import Result
from tests.support.synthetic import write_csv, write_folder


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """Plans a sweep of twelve recordings by three people; trains nothing."""
    write_folder(tmp_path, takes=6)
    table = write_csv(
        tmp_path / "own.csv",
        [
            {"path": f"{bird}/{take}.wav", "bird": bird,
             "group": ("bob", "ann", "cy")[take % 3]}
            for bird in ("high", "low") for take in range(6)
        ],
    )  # fmt: skip
    monkeypatch.setattr(running, "run_all", lambda *args: [])
    monkeypatch.setattr(report, "write", lambda *args: None)

    def plan(*flags, **data):
        settings = [
            f"data.{k}={v}" for k, v in ({"path": table} | data).items()
        ]
        output = str(tmp_path / "sweep")
        call(
            "sweep",
            ["--config", "recordings:small", "--output", output]
            + ["--arms", "inside", *flags, "--set", *settings],
        )
        return plan_file.read(tmp_path / "sweep")

    return plan


def values(runs, field):
    return [run.varied[field] for run in runs]


def test_every_group_is_the_test_set_once(planned):
    runs = planned("--folds", "group", "--seeds", "2")
    assert (
        values(runs, "data.test_group")
        == ["ann"] * 2 + ["bob"] * 2 + ["cy"] * 2
    )


def test_every_fold_is_the_test_set_once(planned):
    runs = planned("--folds", "3")
    assert values(runs, "data.fold") == ["1/3", "2/3", "3/3"]


@pytest.mark.parametrize(
    "flags, message",
    [
        (("--folds", "groups"), "--folds is 'groups', but must be group or a"),
        (("--folds", "1"), "--folds is '1', but must be group or a whole"),
        (("--folds", "101"), "whole number from 2 to 100"),
        (("--folds", "4"), "data.fold is 1/4, but there are only 3 .*groups"),
        (
            ("--folds", "3", "--vary", "data.fold=1/2,2/2"),
            "--vary: data.fold is what --folds sets; leave one of them out",
        ),
    ],
)
def test_folds_that_cannot_be_made_are_told(planned, flags, message):
    with pytest.raises(UserError, match=message):
        planned(*flags)


def test_groups_that_there_are_not_are_told(planned, tmp_path):
    with pytest.raises(UserError, match="needs recordings of two groups"):
        planned("--folds", "group", path=tmp_path)


def results_of(accuracies, sizes, arm="inside", seeds=1):
    """Results of one arm; `accuracies` of (fold, seed)."""
    found = []
    for fold, (row, size) in enumerate(zip(accuracies, sizes)):
        for seed in range(seeds):
            varied = {"data.test_group": f"g{fold}"}
            run = PlannedRun(f"{arm}{fold}{seed}", arm, "", varied, seed, {})
            result = Result(run, {"bird": row[seed]}, {"bird": ""}, 1, 1, 1, {})
            found.append(
                dataclasses.replace(result, num_recordings={"bird": size})
            )
    return found


def cell(found, table=0):
    lines = [*folds_table.tables([r.run for r in found], found).values()]
    return lines[table][1][-1]


def test_the_accuracy_over_folds_counts_every_recording_once():
    accuracies = np.array([[50.0, 70.0], [90.0, 80.0], [20.0, 40.0]])
    sizes = [10, 30, 60]
    found = results_of(accuracies, sizes, seeds=2)
    right = accuracies.mean(1) @ sizes / sum(sizes)
    assert cell(found).startswith(f"{right:.1f} (")


def test_the_interval_of_equal_folds_is_students():
    accuracies = np.array([[50.0], [80.0], [30.0], [61.0]])
    low, high = scipy.stats.t.interval(
        0.95, 3, accuracies.mean(), scipy.stats.sem(accuracies.ravel())
    )
    expected = f"{accuracies.mean():.1f} ({low:.1f} to {high:.1f})"
    assert cell(results_of(accuracies, [7] * 4)) == expected


@pytest.mark.parametrize("scatter", ["folds", "seeds"])
def test_the_interval_is_the_wider_of_folds_and_seeds(scatter):
    table = np.array([[50, 52, 51], [61, 60, 63], [70, 71, 69], [64, 66, 65]])
    if scatter == "seeds":
        table = table / 100 + [40, 50, 65]
    axis = 1 if scatter == "folds" else 0
    means = table.mean(axis)
    low, high = scipy.stats.t.interval(
        0.95, len(means) - 1, means.mean(), scipy.stats.sem(means)
    )
    expected = f"{means.mean():.1f} ({low:.1f} to {high:.1f})"
    assert cell(results_of(table, [7] * 4, seeds=3)) == expected


def test_the_mean_over_folds_counts_every_fold_once():
    accuracies = np.array([[50.0, 70.0], [90.0, 80.0], [20.0, 40.0]])
    found = results_of(accuracies, [10, 30, 60], seeds=2)
    folds = accuracies.mean(1)
    expected = f"{folds.mean():.1f} ± {folds.std(ddof=1):.1f} (3)"
    assert cell(found, table=1) == expected


def test_nothing_is_shown_until_every_fold_is_there():
    found = results_of([[50.0], [90.0], [20.0]], [7] * 3)
    runs = [result.run for result in found]
    tables = folds_table.tables(runs, found[:2]).values()
    assert [lines[1][-1] for lines in tables] == ["", ""]
    assert folds_table.tables(runs[:1], found[:1]) == {}
