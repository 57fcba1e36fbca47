"""Exports of calibrated runs hold the calibration, and predict with it."""

import csv
import json
import shutil

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.calibration import calibration_file
from audio_diffstride.errors import UserError
from audio_diffstride.export import metadata
from audio_diffstride.export.runtimes import ExportedModel
from tests.export.export_use_test import documented
from tests.support import calibrated_run
from tests.support.exported_run import export
from tests.support.synthetic import tone


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    workdir = calibrated_run.write(tmp_path_factory.mktemp("run"))
    calibrated_run.calibrate(workdir, "--f1")
    return workdir


@pytest.fixture(scope="module")
def folder(workdir):
    export(workdir, "onnx")
    return workdir / "export_onnx"


@pytest.fixture(scope="module")
def content(workdir):
    return json.loads((workdir / "calibration.json").read_text("utf-8"))


def predict(output, *arguments):
    call("predict", list(map(str, [*arguments, "--output", output])))
    with open(output, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_file_and_the_json_beside_it_hold_the_calibration(folder, content):
    assert ExportedModel(folder / "model.onnx").about["calibration"] == content
    report = json.loads((folder / "parity.json").read_text("utf-8"))
    assert report["calibration"] == content
    card = (folder / "MODEL_CARD.md").read_text("utf-8")
    temperature = content["tasks"]["a"]["temperature"]
    assert f"a: temperature {temperature:.2f}" in card
    assert "not calibrated" not in card


def test_the_file_predicts_as_the_run(folder, workdir, tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(900, 6.3), 16000)
    aim = [path, "--hop_s", 0.1, "--f1"]
    before = predict(tmp_path / "k.csv", "--workdir", workdir, *aim)
    model = folder / "model.onnx"
    after = predict(tmp_path / "o.csv", "--model", model, *aim)
    assert len(before) == len(after) > 10
    for one, other in zip(before, after):
        assert abs(float(one.pop("score")) - float(other.pop("score"))) < 1e-4
        assert one == other


def test_the_documented_program_finds_the_same(folder, workdir, tmp_path):
    program, _, _, code = documented()
    names = {"__name__": "classify"}
    exec(program + code, names)
    runner = names["Runner"](str(folder / "model.onnx"))
    samples = np.round(tone(900, 2.0) * 32768).astype(np.int16)
    path = tmp_path / "a.wav"
    soundfile.write(path, samples, 16000)
    found = {}
    for start in range(0, len(samples), runner.window_samples):
        scores = runner.scores(samples[start:][: runner.window_samples] / 32768)
        for task, (name, score) in names["calibrated"](runner, scores).items():
            found[start / 16000, task, name] = pytest.approx(score, abs=1e-5)
    rows = predict(tmp_path / "o.csv", "--workdir", workdir, path, "--f1")
    assert found == {
        (float(row["start_s"]), row["task"], row["class"]): float(row["score"])
        for row in rows
    }
    assert found


def test_a_calibration_of_another_model_is_not_exported(
    workdir, tmp_path, capsys
):
    other = shutil.copytree(workdir, tmp_path / "other")
    path = other / "calibration.json"
    path.write_text(path.read_text().replace('_sha256": "', '_sha256": "0'))
    export(other, "onnx")
    printed = capsys.readouterr().err
    assert "note: the calibration is not exported:" in printed
    assert "does not belong to best.keras" in printed
    model = ExportedModel(other / "export_onnx" / "model.onnx")
    with pytest.raises(UserError, match="model.onnx is not calibrated; run"):
        metadata.read_calibration(model.about, "model.onnx")


def test_a_damaged_calibration_in_a_file_is_one_sentence(content):
    about = {"calibration": content | {"window_samples": "1"}}
    with pytest.raises(UserError, match="window_samples is '1'; export the"):
        metadata.read_calibration(about, "model.onnx")
    about = {"calibration": content}
    found = metadata.read_calibration(about, "model.onnx")
    assert isinstance(found, calibration_file.Calibration)
