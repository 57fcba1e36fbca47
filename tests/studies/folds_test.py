"""Arms against the better of two baselines, over cross-validated rows."""

import dataclasses
import statistics

import matplotlib.image
import numpy as np
import pytest
import scipy.stats

from audio_diffstride.errors import UserError
from audio_diffstride.sweep.results import Result
from studies import folding_plot, folds, learned_folding, note_folds
from tests.support.planned_sweep import begin

ARMS = ("strided_conv", "spectral", "folding")


def results_of(folder, accuracies, folding=0.25):
    """Results of `ARMS`; `accuracies` has one column each, a row per fold."""
    folder.mkdir()
    vary = {"training.learning_rate": [0.1, 0.2, 0.3, 0.4]}
    runs = begin(folder, arms=ARMS, vary=vary)
    found = []
    for run, accuracy in zip(runs, np.ravel(accuracies)):
        shares = {
            "block1_time": 2 * folding,
            "block1_frequency": folding,
            "block2_time": 0.0,
        }
        result = Result(
            run, {"bird": accuracy}, {"bird": ""}, 0.5,
            {"strided_conv": 100, "spectral": 130, "folding": 90}[run.arm],
            None, {}, shares if run.arm == "folding" else {},
        )  # fmt: skip
        found.append(
            dataclasses.replace(
                result, training_accuracies={"bird": accuracy + 5}
            )
        )
    return found


HIGH = np.array([[50, 60, 61], [52, 60, 64], [51, 66, 65], [55, 60, 66.0]])
LOW = np.array([[80, 60, 78], [81, 61, 76], [86, 62, 83], [83, 61, 83.0]])


@pytest.fixture
def rows(tmp_path):
    return {
        "high": results_of(tmp_path / "a", HIGH),
        "low": results_of(tmp_path / "b", LOW),
    }


def table(rows, name):
    (lines,) = [t for t in folds.tables(rows) if t[0][0] == name]
    return lines


def test_differences_are_of_pairs_with_their_standard_error(rows):
    line = next(
        line
        for line in folds.tables(rows)[1]
        if line[:3] == ["low", "bird", "DiffStride folding"]
    )
    over = [LOW[:, 2] - LOW[:, 0], LOW[:, 2] - LOW[:, 1]]
    assert line[3:5] == [
        f"{d.mean():+.1f} ± {scipy.stats.sem(d):.1f}" for d in over
    ]
    assert line[5:] == ["4", "0.90 x"]


def test_the_mean_of_the_rows_and_the_worst_row(rows):
    (line,) = table(rows, "Mean of the rows")[1:]
    strided = [d[:, 2] - d[:, 0] for d in (HIGH, LOW)]
    error = sum(scipy.stats.sem(d) ** 2 for d in strided) ** 0.5 / 2
    mean = statistics.mean(d.mean() for d in strided)
    assert line[:3] == ["DiffStride folding", "2", f"{mean:+.1f} ± {error:.1f}"]
    # "high" is above both baselines, and "low" below strided convolution.
    assert line[4:7] == ["0.90 x", "1 of 2", "low, bird"]
    worst = strided[1]
    assert worst.mean() < -scipy.stats.sem(worst)
    assert line[7] == f"{worst.mean():+.1f} ± {scipy.stats.sem(worst):.1f}"


def test_a_detectable_difference_is_found_in_four_of_five_studies():
    rng = np.random.default_rng(0)
    for pairs in (4, 12):
        size = folds.detectable(3.0, pairs)
        draws = rng.normal(size, 3.0, (20_000, pairs))
        p = scipy.stats.ttest_1samp(draws, 0.0, axis=1).pvalue
        # The normal shift of a t statistic is an approximation.
        assert np.mean(p < 0.05) == pytest.approx(0.8, abs=0.05)


def test_learned_foldings_are_means_over_runs(rows):
    lines = [*learned_folding.table(rows)]
    assert lines[0] == ["Learned folding", "Arm", "Axis", "Block 1", "Block 2"]
    assert lines[1:3] == [
        ["high", "DiffStride folding", "time", "0.50", "0.00"],
        ["high", "DiffStride folding", "frequency", "0.25", ""],
    ]


def test_the_gap_is_that_of_training_and_test(rows):
    gaps = [line[-1] for line in learned_folding.training(rows)][1:]
    assert gaps == ["5.0"] * 6


def test_the_picture_has_a_panel_for_each_row(rows, tmp_path):
    folding_plot.draw(rows, tmp_path / "two.png")
    folding_plot.draw({"high": rows["high"]}, tmp_path / "one.png")
    two, one = (
        matplotlib.image.imread(tmp_path / name)
        for name in ("two.png", "one.png")
    )
    assert two.shape[1] == 2 * one.shape[1]


def test_rows_that_are_not_there_are_told(tmp_path):
    (tmp_path / "new").mkdir()
    begin(tmp_path / "new", arms=ARMS)
    row = ["--row", "a", str(tmp_path / "new")]
    with pytest.raises(UserError, match="no result on the test split; run the"):
        folds.main([*row, "--output", str(tmp_path / "out")])


def test_every_fold_of_notes_has_an_instrument_of_each_family():
    manifest = [
        {"path": f"{family}_{n:03}-{p}.flac", "instrument": family, "pitch": p}
        for family, first in (("bass", 30), ("reed", 64))
        for n in (first, first + 1, first + 5)
        for p in ("40", "41")
    ]
    found = note_folds.folds(manifest)
    for fold in ("fold1", "fold2", "fold3"):
        paths = [row["path"] for row in found if row["group"] == fold]
        assert len({path.partition("-")[0] for path in paths}) == 2
        assert len(paths) == 4


def test_the_scatter_is_of_the_pairs_with_each_baseline(rows):
    lines = table(rows, "Smallest difference")
    (line,) = [line for line in lines if line[0] == "high"]
    over_strided = [HIGH[:, 1] - HIGH[:, 0], HIGH[:, 2] - HIGH[:, 0]]
    std = np.mean([np.var(d, ddof=1) for d in over_strided]) ** 0.5
    over_spectral = [HIGH[:, 0] - HIGH[:, 1], HIGH[:, 2] - HIGH[:, 1]]
    other = np.mean([np.var(d, ddof=1) for d in over_spectral]) ** 0.5
    assert line[2:] == [
        "4",
        f"{std:.1f}",
        f"{folds.detectable(std, 4):.1f}",
        f"{other:.1f}",
        f"{folds.detectable(other, 4):.1f}",
    ]
