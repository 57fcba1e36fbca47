"""Damaged files in a sweep's folder are reported by name."""

import shutil

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.cutoffs import stride_plot
from audio_diffstride.errors import UserError
from tests.support.planned_sweep import begin, edit_json, finish


@pytest.mark.parametrize(
    "file, change, message",
    [
        ("run.json", lambda c: c.pop("starts"), "starts is missing"),
        ("run.json", lambda c: c.update(finished="soon"), "Invalid isoformat"),
        ("cost.json", lambda c: c.update(complexity="low"), "complexity is"),
        (
            "config.json",
            lambda c: c["model"].update(downsampling="max_pool"),
            "model.downsampling = 'max_pool', but the plan has 'diffstride'",
        ),
    ],
)
def test_damaged_runs_are_reported(file, change, message, tmp_path):
    (run,) = begin(tmp_path, arms=("diffstride",))
    edit_json(finish(tmp_path, run, 0.5) / file, change)
    with pytest.raises(UserError, match=message):
        call("sweep", ["--output", str(tmp_path)])


@pytest.mark.parametrize(
    "text, message",
    [
        (None, "strides.csv is missing"),
        ("step,block1_time\n0,0.5\n", "block1_time does not hold strides of 1"),
        ("step,block1_time\n0,\n", "block1_time does not hold strides of 1"),
        ("step,wide\n0,2\n", "it has a column 'wide'"),
    ],
)
def test_damaged_strides_are_reported(text, message, tmp_path):
    if text is not None:
        (tmp_path / "strides.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        stride_plot.history(tmp_path)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda c: c.update(runs=[]), "it has no runs"),
        (lambda c: c["runs"][0].update(name="../x"), "is not a run of a sweep"),
        (lambda c: c["runs"][0].update(arm="best"), "is not a run of a sweep"),
        (lambda c: c["runs"][0].update(more=1), "a run has the fields name,"),
        (lambda c: c["runs"][0].pop("seed"), r"runs\[0\].seed is missing"),
    ],
)
def test_damaged_plans_are_reported(change, message, tmp_path):
    begin(tmp_path)
    edit_json(tmp_path / "plan.json", change)
    with pytest.raises(UserError, match=f"plan.json is damaged: .*{message}"):
        call("sweep", ["--output", str(tmp_path)])


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A sweep of one run, kept as its plan and its numbers."""
    folder = tmp_path_factory.mktemp("kept")
    (run,) = begin(folder, arms=("spectral",))
    finish(folder, run, 0.5)
    call("sweep", ["--output", str(folder)])
    shutil.rmtree(folder / run.name)
    return folder


@pytest.mark.parametrize(
    "before, after, message",
    [
        (",spectral,", ",inside,", "its row of .* is not of that run"),
        (",50.0,", ",high,", "pitch_accuracy is 'high', not a number"),
        (",50.0,", ",,", "its row of .* is not of that run"),
        (",50.0,", ",inf,", "pitch_accuracy of .* is inf"),
        (",0.5,", ",,", "complexity of .* is empty"),
        ("training_s", "s", "no column training_s"),
        (",2.0,1.5,", ",0.5,1.5,", "block1_time_stride of .* is 0.5"),
        ("\n", "", "has no rows"),
    ],
)
def test_damaged_numbers_are_reported(before, after, message, kept, tmp_path):
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "results_test" / "runs.csv"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    with pytest.raises(UserError, match=f"runs.csv is damaged: .*{message}"):
        call("sweep", ["--output", str(tmp_path)])
