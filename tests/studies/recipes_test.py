"""Recipes against the plain one: accuracies over all recordings, cut-offs."""

import dataclasses

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.errors import UserError
from audio_diffstride.sweep.results import Result
from studies import recipes
from tests.support.planned_sweep import begin

ARMS = ("strided_conv", "diffstride")


def results_of(folder, accuracies, strides, counts=(10, 30)):
    """Two folds of `ARMS`: accuracies and first strides have a row each."""
    folder.mkdir()
    runs = begin(folder, arms=ARMS, vary={"training.learning_rate": [0.1, 0.2]})
    assert [run.arm for run in runs] == [*ARMS, *ARMS]
    found = []
    for index, run in enumerate(runs):
        fold = index // 2
        accuracy = accuracies[fold][index % 2]
        first = dict(zip(("block1_time", "block1_frequency"), strides[fold]))
        found.append(
            Result(run, {"bird": accuracy}, {"bird": ""}, 0.5, 100, None, first)
        )
        found[-1] = dataclasses.replace(
            found[-1], num_recordings={"bird": counts[fold]}
        )
    return found


@pytest.fixture
def sweeps(tmp_path):
    plain = results_of(
        tmp_path / "a", [[50, 60], [70, 80.0]], [[2, 2], [2.5, 4]]
    )
    mixed = results_of(
        tmp_path / "b", [[60, 60], [70, 90.0]], [[4, 2], [2.5, 2]]
    )
    return {"Plain": plain, "Mixing": mixed}


def test_the_accuracy_is_of_all_recordings_and_not_of_folds(sweeps):
    header, plain, mixed = recipes.tables(sweeps)[0]
    assert header == ["Recipe", "Task", "Strided conv.", "DiffStride"]
    assert plain == ["Plain", "bird", "65.0 (2)", "75.0 (2)"]
    assert mixed == ["Mixing", "bird", "67.5 (2)", "82.5 (2)"]


def test_changes_are_of_pairs(sweeps):
    _, strided, learned = recipes.tables(sweeps)[1]
    error = scipy.stats.sem([10.0, 0.0])
    assert strided[:4] == [
        "Mixing",
        "Strided conv.",
        "2",
        f"+5.0 ± {error:.1f}",
    ]
    assert strided[4:] == ["", ""]  # its strides are not learned
    before = np.array([100 / 4, 100 / 5])
    after = np.array([100 / 8, 100 / 5])
    change = after - before
    assert learned[4] == (
        f"{before.mean():.1f} to {after.mean():.1f} ({change.mean():.1f} ± "
        f"{scipy.stats.sem(change):.1f})"
    )
    assert learned[5].startswith("0.188 to 0.250 (+0.062 ± ")


def test_a_title_is_given_once():
    argv = ["--plain", "x", "--output", "y"]
    with pytest.raises(UserError, match="'Plain' is there twice"):
        recipes.main([*argv, "--recipe", "Plain", "z"])
