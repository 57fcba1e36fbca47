"""The command: what it fits on, what it writes, and what it refuses."""

import json
import shutil

import numpy as np
import pytest

from audio_diffstride.calibration import calibration_file, fitting, windows
from audio_diffstride.calibration.thresholds import Aim
from audio_diffstride.datasets.clips import Clips, ClipStore
from audio_diffstride.datasets.kinds import SEVERAL_LABELS
from audio_diffstride.errors import UserError
from audio_diffstride.predict import model_sources
from audio_diffstride.predict.windowing import RecordingScorer
from audio_diffstride.runs import loading
from tests.support import calibrated_run
from tests.support.calibrated_run import TASKS, calibrate

WINDOW_SAMPLES = 6400


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    workdir = calibrated_run.write(tmp_path_factory.mktemp("run"))
    calibrate(workdir, "--f1")
    return workdir


@pytest.fixture(scope="module")
def content(workdir):
    return json.loads((workdir / "calibration.json").read_text("utf-8"))


def test_the_windows_are_those_of_predict(workdir):
    clips = ClipStore(workdir.parent / "store").examples("validation")
    model = loading.load_model(workdir)
    found = windows.label(model, clips, WINDOW_SAMPLES)
    score = RecordingScorer(model_sources.from_run(workdir, "best"))
    scored = [
        (index, window)
        for index in range(len(clips))
        for batch in score([clips[index]])
        for window in batch
    ]
    for task, classes in TASKS.items():
        logits = [window.logits[task] for _, window in scored]
        np.testing.assert_allclose(found[task].logits, logits, atol=1e-5)
        labels = [clips.labels[task][index] for index, _ in scored]
        assert found[task].truths.argmax(axis=1).tolist() == labels
        assert (found[task].truths.sum(axis=1) == 1).all()
        assert found[task].recordings.tolist() == [index for index, _ in scored]
        assert found[task].classes == classes


class LoudIsFirst:
    """A model of two classes that may both be there."""

    class_names = {"bird": ["wren", "robin"]}
    kinds = {"bird": SEVERAL_LABELS}

    def predict_on_batch(self, batch):
        loud = np.abs(batch).max(axis=1) > 500
        return {"bird": np.where(loud[:, None], [2.0, -1.0], [-3.0, -1.0])}


def test_several_labels_of_a_clip_are_one_more_case():
    truths = np.array([[1, 0], [0, 0], [1, 1], [-1, -1], [0, -1]] * 9)
    clips = Clips(
        samples=np.tile(np.array([1000, 10, 1000, 9, 10], np.int16), 9),
        offsets=np.arange(45),
        lengths=np.ones(45, int),
        labels={"bird": truths},
        files=[f"{number}.wav" for number in range(45)],
        starts_s=[0.0] * 45,
        groups=["ann", "bob", "cy"] * 15,
    )
    found = windows.label(LoudIsFirst(), clips, 4)["bird"]
    assert found.activation == "sigmoid"
    assert len(found.truths) == 36  # nine clips have no known label
    fitted = fitting.fit(found, Aim("precision", 0.9))
    wren, robin, both = fitted.table
    assert fitted.top == "all"
    assert (wren["precision"], wren["recall"]) == (1, 1)
    assert wren["own"] and not robin["own"]  # nine recordings
    assert both["recordings"] == 18


def test_the_file_says_what_was_fitted_on_what(content):
    assert content["split"] == "validation"
    assert content["window_samples"] == WINDOW_SAMPLES
    assert content["aim"] == {"score": "f1", "value": None, "pooled": False}
    assert [*content["tasks"]] == [*TASKS]
    for task, classes in TASKS.items():
        entry = content["tasks"][task]
        assert entry["recordings"] == calibrated_run.NUM_CLIPS
        assert (entry["units"], entry["unit"]) == (3, "groups")
        assert [*entry["thresholds"]] == classes


def test_the_thresholds_come_back_from_the_file(workdir, content):
    clips = ClipStore(workdir.parent / "store").examples("validation")
    model = loading.load_model(workdir)
    found = calibration_file.find(workdir / "best.keras")
    for task, labelled in windows.label(model, clips, WINDOW_SAMPLES).items():
        for aim in (Aim("f1"), Aim("recall", 0.8), Aim("precision", 0.5)):
            fitted = fitting.fit(labelled, aim)
            assert fitted.temperature == found.tasks[task].temperature
            for top, curves in found.tasks[task].curves.items():
                expected = fitted.curves[top].thresholds(aim)
                assert (curves.thresholds(aim) == expected).all()
        limits = fitted.curves["1"].thresholds(Aim("f1"))
        shown = list(content["tasks"][task]["thresholds"].values())
        assert shown == [t if np.isfinite(t) else None for t in limits]


def test_the_same_run_gives_the_same_bytes(workdir, content, capsys):
    before = (workdir / "calibration.json").read_bytes()
    calibrate(workdir, "--f1")
    assert (workdir / "calibration.json").read_bytes() == before
    printed = capsys.readouterr().out
    assert "a: thresholds for the highest F1, for the best class" in printed
    assert printed.splitlines()[-1].endswith("--output found.csv --f1")


def test_without_groups_files_are_left_out(tmp_path, capsys):
    workdir = calibrated_run.write(tmp_path, groups=())
    calibrate(workdir, "--recall", "0.9")
    content = json.loads((workdir / "calibration.json").read_text("utf-8"))
    entry = content["tasks"]["a"]
    assert (entry["units"], entry["unit"]) == (36, "files")
    assert "fitted without a tenth of the files" in capsys.readouterr().out


def test_a_task_of_few_recordings_is_left_out(tmp_path, capsys, monkeypatch):
    workdir = calibrated_run.write(tmp_path)
    monkeypatch.setattr(windows, "EVIDENCE", 37)
    with pytest.raises(UserError, match="too few validation recordings"):
        calibrate(workdir)
    assert "a is not calibrated: of its 36 val" in capsys.readouterr().err
    assert not (workdir / "calibration.json").exists()


def test_without_a_validation_split_there_is_nothing_to_fit_on(tmp_path):
    workdir = calibrated_run.write(tmp_path, split="test")
    with pytest.raises(UserError, match="no validation recordings to calibr"):
        calibrate(workdir)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--precision", "0"], "--precision is 0, but must be more than 0"),
        (["--recall", "1.5"], "--recall is 1.5, but must be more than 0"),
        (["--precision", "nan"], "--precision is nan, but must be"),
        (["--f1", "--recall", "0.5"], "not allowed with argument"),
        (["--model", "last"], "has no last.keras"),
        (["--store", "nowhere"], "nowhere is not a clip store"),
    ],
)
def test_a_wrong_word_is_one_sentence(arguments, message, workdir):
    with pytest.raises(UserError, match=message):
        calibrate(workdir, *arguments)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="is not the work directory of a run"):
        calibrate(tmp_path)


def test_a_later_model_does_not_take_the_calibration(workdir, tmp_path):
    other = shutil.copytree(workdir, tmp_path / "run")
    with open(other / "best.keras", "ab") as file:
        file.write(b" ")
    with pytest.raises(UserError, match="does not belong to best.keras"):
        calibration_file.find(other / "best.keras")


def test_a_run_without_the_file_is_not_calibrated(workdir, tmp_path):
    shutil.copy(workdir / "best.keras", tmp_path)
    assert calibration_file.find(tmp_path / "best.keras") is None
    with pytest.raises(UserError, match="audio-diffstride calibrate --workdir"):
        calibration_file.require(tmp_path / "best.keras")


def damaged(content, change):
    other = json.loads(json.dumps(content))
    change(other, other["tasks"]["a"])
    return other


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda c, t: c.pop("tasks"), "tasks is missing"),
        (lambda c, t: c.update(schema=2), "a later version"),
        (lambda c, t: c.update(aim="f1"), "aim is 'f1'"),
        (lambda c, t: t.update(temperature=0), "tasks.a.temperature is 0"),
        (lambda c, t: t.update(temperature="1"), "temperature is '1'"),
        (lambda c, t: t.update(activation="relu"), "activation is 'relu'"),
        (lambda c, t: t["classes"].append("z"), "tasks.a is of its 3 classes"),
        (
            lambda c, t: t["curves"]["1"]["classes"].pop(),
            "tasks.a is of its 2 classes",
        ),
        (lambda c, t: t["table"].pop(0), "tasks.a is of its 2 classes"),
        (
            lambda c, t: t["curves"]["all"]["pooled"]["steps"].append([0.5]),
            "rows that are not of three numbers",
        ),
    ],
)
def test_a_damaged_file_is_one_sentence(
    change, message, workdir, content, tmp_path
):
    shutil.copy(workdir / "best.keras", tmp_path)
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps(damaged(content, change)))
    with pytest.raises(UserError, match=message):
        calibration_file.find(tmp_path / "best.keras")


def test_what_is_no_json_is_one_sentence(workdir, tmp_path):
    shutil.copy(workdir / "best.keras", tmp_path)
    for text in ("{", "[]", "null", '{"schema": 1, "schema": 1}'):
        (tmp_path / "calibration.json").write_text(text)
        with pytest.raises(UserError, match="is damaged"):
            calibration_file.find(tmp_path / "best.keras")
