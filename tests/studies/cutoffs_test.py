"""Learned cut-offs: intervals, blocks, pairs and what is refused."""

import csv
import dataclasses
import pathlib

import matplotlib.image
import numpy as np
import pytest
import scipy.stats
import soundfile

from audio_diffstride.errors import UserError
from audio_diffstride.sweep.results import Result
from studies import (
    cutoff_spectrogram,
    cutoff_tables,
    cutoff_values,
    cutoffs,
    kept_results,
)
from tests.support.planned_sweep import begin
from tests.support.synthetic import tone

RESULTS = pathlib.Path(__file__).parents[2] / "docs" / "results"


def results_of(folder, strides, seeds=1, arms=("folding",)):
    """Two folds; the first strides have a row per fold, then per seed."""
    folder.mkdir()
    runs = begin(
        folder,
        arms=arms,
        seeds=seeds,
        vary={"training.learning_rate": [0.1, 0.2]},
    )
    first = [dict(zip(("block1_time", "block1_frequency"), s)) for s in strides]
    return [
        Result(run, {"bird": 50.0}, {"bird": ""}, 0.5, 100, None, of_run)
        for run, of_run in zip(runs, first, strict=True)
    ]


def test_the_interval_is_that_of_the_t_distribution():
    values = [3.0, 4.5, 4.0, 7.0]
    found = cutoff_values.interval(values)
    low, high = scipy.stats.t.interval(
        0.95, 3, np.mean(values), scipy.stats.sem(values)
    )
    assert found.mean == pytest.approx((low + high) / 2)
    assert found.half_width == pytest.approx((high - low) / 2)
    assert found.excludes_0


def test_an_interval_covers_the_mean_in_95_of_100_studies():
    draws = np.random.default_rng(0).normal(size=(2000, 5))
    missed = [cutoff_values.interval([*draw]).excludes_0 for draw in draws]
    assert np.mean(missed) == pytest.approx(0.05, abs=0.015)


def test_two_runs_have_no_interval():
    assert cutoff_values.interval([1.0, 2.0]).half_width is None
    found = cutoff_values.difference([1.0, 2.0, 3.0], [5.0, 6.0])
    assert (found.mean, found.half_width, found.count) == (-3.5, None, 2)
    assert not found.excludes_0


def test_seeds_of_a_fold_are_one_value(tmp_path):
    strides = [(2, 2), (4, 2), (1, 2), (1, 2)]
    folds = results_of(tmp_path / "a", strides, seeds=2)
    of_runs = cutoff_values.first_cutoffs(folds, "folding", "time")
    assert [*of_runs.values()] == [25, 12.5, 50, 50]
    assert cutoff_values.independent(of_runs) == [18.75, 50]
    one_fold = dict([*of_runs.items()][:2])
    assert cutoff_values.independent(one_fold) == [25, 12.5]


def of_runs(table):
    """{(fold, seed): value}; a row per seed, a column per fold."""
    return {
        ((f"fold{column}",), row): value
        for (row, column), value in np.ndenumerate(table)
    }


def test_folds_or_seeds_are_the_values_by_the_wider_interval():
    fold, seed = np.meshgrid([1.0, 2.0, 4.0, 5.0], [0.0, 1.0, 8.0])
    found = cutoff_values.independent(of_runs(fold + 0.1 * seed))
    assert found == pytest.approx(fold[0] + 0.3)
    found = cutoff_values.independent(of_runs(fold + 10 * seed))
    assert found == pytest.approx(10 * seed[:, 0] + 3)


def test_without_three_seeds_or_a_run_the_values_are_of_folds():
    fold, seed = np.meshgrid([1.0, 2.0, 4.0, 5.0], [0.0, 100.0, 800.0])
    table = fold + seed
    two_seeds, incomplete = of_runs(table[:2]), of_runs(table)
    del incomplete[("fold0",), 0]
    for values in (two_seeds, incomplete):
        assert len(cutoff_values.independent(values)) == 4


def test_blocks_have_the_cutoffs_of_the_report_of_the_model():
    with open(RESULTS / "cutoffs_demo.csv", newline="") as file:
        rows = [*csv.DictReader(file)]
    for axis in ("time", "frequency"):
        of_axis = [row for row in rows if row["axis"] == axis]
        strides = [float(row["stride"]) for row in of_axis]
        found = cutoff_values.by_block(strides, "folding-low-cost", axis)
        expected = [float(row["cutoff"]) for row in of_axis]
        assert found == pytest.approx(expected)


def test_the_band_outside_keeps_more_for_the_next_block():
    # floor(100 / 2 + 2 x 4) = 58 frames are left, and not 50.
    found = cutoff_values.by_block([2.0, 2.0], "outside", "time")
    assert found == pytest.approx([25, 58 / 4])


def test_differences_are_of_runs_of_the_same_fold(tmp_path):
    rows = {
        "A": results_of(tmp_path / "a", [(1, 1), (2, 1)]),
        "B": results_of(tmp_path / "b", [(2, 2), (4, 2)]),
    }
    rows["B"].reverse()
    (change,) = cutoff_tables.pair(rows, "A", "B")
    assert sorted(change.changes["time"].values) == [12.5, 25]
    assert change.changes["frequency"].mean == 0.25
    assert change.title == "A less B" and change.paired


def test_arms_of_the_same_folds_have_a_mean(tmp_path):
    arms = ("folding", "inside")
    rows = {
        "A": results_of(tmp_path / "a", [(1, 1), (1, 1)] * 2, arms=arms),
        "B": results_of(tmp_path / "b", [(2, 1), (4, 1)] * 2, arms=arms),
    }
    *_, mean = cutoff_tables.pair(rows, "A", "B")
    assert mean.arms == "mean of these 2"
    assert mean.changes["time"].mean == pytest.approx((25 + 37.5) / 2)
    assert mean.changes["time"].count == 2


def test_rows_without_a_pair_are_refused(tmp_path):
    rows = {"A": results_of(tmp_path / "a", [(1, 1), (2, 1)])}
    rows["B"] = [
        dataclasses.replace(r, run=dataclasses.replace(r.run, seed=9))
        for r in rows["A"]
    ]
    with pytest.raises(UserError, match="no two runs that learn strides"):
        [*cutoff_tables.pair(rows, "A", "B")]
    with pytest.raises(UserError, match="'A: Masks' and 'its row without it'"):
        [*cutoff_tables.augmentation("A: Masks", rows["A"], rows["B"])]


def test_rows_without_an_arm_in_common_are_refused(tmp_path):
    rows = {
        arm: results_of(tmp_path / arm, [(1, 1), (2, 1)], arms=(arm,))
        for arm in ("folding", "inside")
    }
    with pytest.raises(
        UserError, match="no arm that learns strides is in both"
    ):
        [*cutoff_tables.compare(rows, "folding", "inside")]


DEMO = ["--demo", str(RESULTS / "cutoffs_demo.csv")]
ROW = ["--row", "Notes", str(RESULTS / "notes_folds")]


@pytest.mark.parametrize(
    "flags, message",
    [
        ([*ROW, *ROW], "--row 'Notes' is there twice"),
        ([*ROW, ROW[-1]], "'Notes' has the run .* twice; give folders of"),
        (["--row", "Notes"], "--row 'Notes' has no folder"),
        ([*ROW, "--pair", "Notes", "X"], "--pair: there is no row 'X'"),
        ([*ROW, "--compare", "X", "Notes"], "--compare: there is no row 'X'"),
        ([*ROW, "--recipe", "X", "a", "b"], "--recipe 'X' has no --row; add"),
        ([*ROW, "--recipe", "Notes", "a"], "'Notes' lacks a folder; add"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(tmp_path, flags, message):
    with pytest.raises(UserError, match=message):
        cutoffs.main([*flags, *DEMO, "--output", str(tmp_path)])
    assert [*tmp_path.iterdir()] == []


def test_sweeps_of_other_networks_are_refused(tmp_path, monkeypatch):
    found = results_of(tmp_path / "a", [(1, 1), (2, 1)])
    images = [dataclasses.replace(r, strides={"stem_height": 2}) for r in found]
    monkeypatch.setattr(kept_results, "read", lambda folder: images)
    with pytest.raises(UserError, match="give sweeps of the audio network"):
        cutoffs.main([*ROW, *DEMO, "--output", str(tmp_path)])


def test_without_the_numbers_of_the_demo_the_remedy_is_said(tmp_path):
    flags = [*ROW, "--output", str(tmp_path), "--demo", str(tmp_path / "x.csv")]
    with pytest.raises(UserError, match=r"no .*x.csv; write it again with"):
        cutoffs.main(flags)


def test_rows_without_fixed_strides_are_refused(tmp_path):
    rows = {"A": results_of(tmp_path / "a", [(1, 1), (2, 1)])}
    with pytest.raises(UserError, match="no --row has a run of fixed strides"):
        cutoff_tables.start_blocks(rows, "folding", "time")


def test_the_picture_is_of_two_recordings(tmp_path):
    for name, hz in (("note", 165.0), ("digit", 440.0)):
        soundfile.write(tmp_path / f"{name}.wav", tone(hz), 16_000)
    files = [str(tmp_path / f"{name}.wav") for name in ("note", "digit")]
    cutoff_spectrogram.main(
        ["--note", files[0], "--digit", files[1], "--results", str(RESULTS)]
        + ["--output", str(tmp_path)]
    )
    picture = matplotlib.image.imread(tmp_path / "cutoffs_spectrogram.png")
    kept = matplotlib.image.imread(RESULTS / "cutoffs_spectrogram.png")
    assert picture.shape == kept.shape


def test_a_filter_keeps_what_is_slower_than_its_cutoff():
    times, bands = np.arange(100)[:, None], np.arange(64)[None]
    cutoffs_of = {"time": 20.0, "frequency": 0.25}
    for hz, stays in ((5, True), (40, False)):
        ripple = np.cos(2 * np.pi * hz * times / 100) + 0 * bands
        kept = cutoff_spectrogram.through(ripple, cutoffs_of)
        assert np.abs(kept).max() == pytest.approx(float(stays), abs=0.05)
