"""Predictions of calibrated runs: --precision, --recall and --f1."""

import json
import shutil

import numpy as np
import pytest
import scipy.special
import soundfile

from audio_diffstride.errors import UserError
from audio_diffstride.interface.run import load_run
from audio_diffstride.predict import prediction
from tests.support import calibrated_run
from tests.support.predicted import read, run
from tests.support.synthetic import tone

pytestmark = pytest.mark.usefixtures("eager_forward")


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    workdir = calibrated_run.write(tmp_path_factory.mktemp("run"))
    calibrated_run.calibrate(workdir, "--recall", "0.7", "--top", "all")
    return workdir


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("field") / "a.wav"
    samples = tone(900, 8.1) * np.linspace(0.01, 1, round(8.1 * 16000))
    soundfile.write(path, samples.astype("float32"), 16000)
    return path


@pytest.fixture
def other(workdir, tmp_path):
    """A copy of the run, to change its calibration."""
    return shutil.copytree(workdir, tmp_path / "other")


def edit(workdir, change):
    path = workdir / "calibration.json"
    content = json.loads(path.read_text("utf-8"))
    change(content["tasks"])
    path.write_text(json.dumps(content), encoding="utf-8")


def test_what_reaches_the_threshold_of_its_class_is_written(
    workdir, recording, tmp_path
):
    aim = ["--recall", 0.7, "--top", "all"]
    assert run(workdir, tmp_path / "o.csv", recording, *aim) == 0
    found = {
        (float(row["start_s"]), row["task"], row["class"]): float(row["score"])
        for row in read(tmp_path / "o.csv")
    }
    content = json.loads((workdir / "calibration.json").read_text("utf-8"))
    predicted = load_run(workdir).predict(recording)
    expected = {}
    for task, entry in content["tasks"].items():
        logits = np.stack([w.logits[task] for w in predicted.windows])
        scores = scipy.special.softmax(
            logits.astype(float) / entry["temperature"], axis=1
        )
        for start_s, row in zip(predicted.start_s, scores):
            for score, name in zip(row, predicted.class_names[task]):
                if score >= entry["thresholds"][name]:
                    expected[start_s, task, name] = score
    assert found.keys() == expected.keys()
    assert 0 < len(found) < len(predicted.windows) * 5
    for key, score in found.items():
        assert score == pytest.approx(expected[key], abs=1e-5)


def test_without_an_aim_the_calibration_changes_nothing(
    other, recording, tmp_path
):
    outputs = [tmp_path / "before.csv", tmp_path / "after.csv"]
    (other / "calibration.json").rename(tmp_path / "kept.json")
    assert run(other, outputs[0], recording, "--threshold", 0.4) == 0
    (other / "calibration.json").write_text("damaged")
    assert run(other, outputs[1], recording, "--threshold", 0.4) == 0
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_the_best_class_has_thresholds_of_its_own(other, recording, tmp_path):
    """A threshold below its score keeps it, another class never counts."""

    def spread(tasks):
        for curve in tasks["a"]["curves"]["1"]["classes"]:
            curve["steps"] = [[0.0, curve["positives"], 40]]

    edit(other, spread)
    aim = [recording, "--recall", 1, "--task", "a"]
    assert run(other, tmp_path / "1.csv", *aim) == 0
    assert run(other, tmp_path / "all.csv", *aim, "--top", "all") == 0
    best = {}
    for row in read(tmp_path / "all.csv"):  # the best of a window comes first
        best.setdefault(row["start_s"], row["class"])
    found = {row["start_s"]: row["class"] for row in read(tmp_path / "1.csv")}
    assert len(found) == len(read(tmp_path / "1.csv")) == 21
    assert found.items() >= best.items()


class Killed(BaseException):
    """What no part of the program catches."""


def killed(*_):
    raise Killed


def test_a_changed_calibration_does_not_resume(
    other, recording, tmp_path, monkeypatch
):
    arguments = [tmp_path / "o.csv", recording, "--f1"]
    with monkeypatch.context() as patch:
        patch.setattr(prediction.Prediction, "rows", killed)
        with pytest.raises(Killed):
            run(other, *arguments)
    before = (other / "calibration.json").read_bytes()
    edit(other, lambda tasks: tasks["a"].update(temperature=1.5))
    with pytest.raises(UserError, match="differs in the calibration"):
        run(other, *arguments)
    with pytest.raises(UserError, match=r"--recall \(None, now 0.7\)"):
        run(other, *arguments[:2], "--recall", 0.7)
    (other / "calibration.json").write_bytes(before)
    with pytest.raises(UserError, match=r"--pooled \(False, now True\)"):
        run(other, *arguments, "--pooled")
    assert run(other, *arguments) == 0


def test_a_class_out_of_reach_is_said_and_left_out(
    other, recording, tmp_path, capsys
):
    def spoil(tasks):
        x, y = tasks["a"]["curves"]["all"]["classes"]
        x["steps"] = [[0.5, 1, 10]]
        for curve in (y, *tasks["b"]["curves"]["all"]["classes"]):
            curve["steps"] = [[0.0, 10, 10]]

    edit(other, spoil)
    aim = ["--precision", 0.9, "--top", "all"]
    assert run(other, tmp_path / "o.csv", recording, *aim) == 0
    assert (
        "note: x (a) is left out: no threshold reaches a precision of 0.9 on "
        "the validation windows, the best has 0.1\n"
    ) in capsys.readouterr().err
    labels = {(row["task"], row["class"]) for row in read(tmp_path / "o.csv")}
    assert labels == {("a", "y"), ("b", "1"), ("b", "2"), ("b", "3")}


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--precision", 1], "no threshold reaches a precision of 1 for any"),
        (["--precision", -0.1], "--precision is -0.1, but must be more than 0"),
        (["--recall", "inf"], "--recall is inf, but must be"),
        (["--f1", "--threshold", 0.5], "not allowed with argument"),
        (["--pooled"], "--pooled needs --precision, --recall or --f1"),
        (["--f1", "--average"], "--f1 sets thresholds for windows"),
        (["--f1", "--window_s", 0.5], "is calibrated for windows of 0.4 s"),
        (["--f1", "--model", "last"], "has no last.keras"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments, message, workdir, recording, tmp_path
):
    with pytest.raises(UserError, match=message):
        run(workdir, tmp_path / "o.csv", recording, *arguments)
    assert not (tmp_path / "o.csv").exists()


def test_a_task_without_calibration_is_one_sentence(other, recording, tmp_path):
    edit(other, lambda tasks: tasks.pop("b"))
    with pytest.raises(UserError, match="not calibrated for the task b; leave"):
        run(other, tmp_path / "o.csv", recording, "--f1")
    assert run(other, tmp_path / "o.csv", recording, "--f1", "--task", "a") == 0
    (other / "calibration.json").unlink()
    with pytest.raises(UserError, match="other is not calibrated; run audio-d"):
        run(other, tmp_path / "p.csv", recording, "--f1")
