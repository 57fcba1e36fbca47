"""A run with a task of several labels beside one of one label, to the end."""

import csv
import json

import keras
import numpy as np
import pytest
import scipy.special
import soundfile

import audio_diffstride
from audio_diffstride import training
from audio_diffstride.__main__ import call
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.evaluation import score_files
from audio_diffstride.export import metadata, runtimes
from audio_diffstride.files import csv_files
from audio_diffstride.recordings import preparation
from tests.support.synthetic import tiny_config, tone, write_csv

HZ = {"robin": 300, "wren": 1200, "owl": 3000}
CELLS = ["robin", "wren;owl", "", "robin;owl", "wren", "owl;?"]


def write_recordings(folder):
    """Sums of tones, and a table of what is in them."""
    rows = []
    splits = ["train"] * 12 + ["validation"] * 6 + ["test"] * 6
    for number, split in enumerate(splits):
        cell = CELLS[number % 6]
        quiet = tone(100, 0.4, seed=number) * 0.1
        sounds = [tone(HZ[n], 0.4) for n in cell.split(";") if n in HZ]
        soundfile.write(folder / f"{number}.wav", sum(sounds, quiet) / 4, 16000)
        rows.append(
            {
                "path": f"{number}.wav",
                "bird": cell,
                "site": "xy"[number % 2] if number % 6 else "",
                "split": split,
            }
        )
    return write_csv(folder / "m.csv", rows)


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("birds")
    table = write_recordings(folder)
    store = preparation.prepare(table, store_dir=folder / "stores")
    config = tiny_config(channels=(4,), strides=((2, 2),))
    config.data.source, config.data.path = "audio_files", str(table)
    config.data.store_dir = str(folder / "stores")
    config.data.balance = 0.5
    config.augmentation.mixup = 0.3
    training.train(config, folder / "run", [store])
    call("evaluate", ["--workdir", folder / "run"])
    return folder / "run"


def test_an_epoch_tells_the_average_precision_beside_the_accuracy(workdir):
    history = csv_files.read_numbers(workdir / "history.csv", [], "")
    assert {name for name in history if name.startswith("val_")} == {
        "val_bird_average_precision",
        "val_site_accuracy",
        "val_accuracy",
        "val_average_precision",
    }
    assert history["val_accuracy"] == history["val_site_accuracy"]
    assert {"bird_loss", "site_loss", "site_accuracy"} <= {*history}


def test_both_kinds_are_evaluated(workdir):
    tasks = score_files.read(workdir, "test")["tasks"]
    assert score_files.headline(tasks["site"])[0] == "accuracy"
    assert score_files.headline(tasks["bird"])[0] == "mean_average_precision"
    assert tasks["bird"]["recordings"] == 6
    assert [row["known"] for row in tasks["bird"]["per_class"]] == [6, 5, 5]


def test_the_run_predicts_each_class_alone(workdir, tmp_path):
    run = audio_diffstride.load_run(workdir)
    assert run.kinds == {"bird": SEVERAL_LABELS, "site": ONE_LABEL}
    sound = tone(300, 1.0)
    found = run.predict(sound, sample_rate_hz=16000)
    for window, of_window in zip(found.windows, found.probabilities["bird"]):
        expected = scipy.special.expit(window.logits["bird"].astype(float))
        np.testing.assert_allclose(of_window, expected)
    soundfile.write(tmp_path / "a.wav", sound, 16000)
    output = tmp_path / "found.csv"
    arguments = ["--workdir", workdir, tmp_path / "a.wav", "--output", output]
    call("predict", [*arguments, "--threshold", 0.0])
    with open(output, newline="") as file:
        rows = list(csv.DictReader(file))
    per_window = [row["task"] for row in rows if row["start_s"] == "0.0"]
    assert sorted(per_window) == ["bird"] * 3 + ["site"]
    call("predict", [*arguments, "--overwrite"])
    with open(output, newline="") as file:
        rows = list(csv.DictReader(file))
    birds = [float(row["score"]) for row in rows if row["task"] == "bird"]
    expected = (found.probabilities["bird"] >= 0.5).sum()
    assert len(birds) == expected
    assert all(score >= 0.5 for score in birds)


def test_the_page_has_no_matrix_of_several_labels(workdir, capsys):
    call("report", ["--workdir", workdir])
    page = (workdir / "report.html").read_text("utf-8")
    assert "Confusion matrix: site" in page
    assert "Confusion matrix: bird" not in page
    for text in (
        "bird: mean average precision",
        "mean average precision of a random order",
        "average precision by recording",
        "bird (3 classes, several at once)",
    ):
        assert text in page


@pytest.mark.parametrize(
    "kind, file",
    [
        ("onnx", "model.onnx"),
        pytest.param("litert", "model.tflite", marks=pytest.mark.slow),
        pytest.param("litert_int8", "model.tflite", marks=pytest.mark.slow),
        pytest.param("saved_model", "saved_model", marks=pytest.mark.slow),
    ],
)
def test_an_export_has_a_sigmoid_for_each_class(kind, file, workdir, tmp_path):
    folder = tmp_path / kind
    arguments = ["--workdir", workdir, "--format", kind, "--output", folder]
    call("export", list(map(str, arguments)))
    model = runtimes.ExportedModel(folder / file)
    assert model.kinds == {"bird": SEVERAL_LABELS, "site": ONE_LABEL}
    assert model.about["schema"] == metadata.SCHEMA
    waveforms = np.stack([tone(hz, 0.4) for hz in (300, 2000)])
    outputs = model._function(waveforms)
    np.testing.assert_allclose(
        outputs["bird"], scipy.special.expit(outputs["bird:logits"]), atol=1e-5
    )
    np.testing.assert_allclose(outputs["site"].sum(axis=1), 1, atol=1e-5)
    trained = audio_diffstride.load_run(workdir).model(waveforms)
    tolerance = 0.2 if kind == "litert_int8" else 1e-4
    for task, logits in trained.items():
        found = model.logits(waveforms)[task]
        expected = keras.ops.convert_to_numpy(logits)
        np.testing.assert_allclose(found, expected, atol=tolerance)
    card = (folder / "MODEL_CARD.md").read_text("utf-8")
    assert "robin, wren; several at once" in card.replace("owl, ", "")
    report = json.loads((folder / "parity.json").read_text("utf-8"))
    assert {row["task"] for row in report["compared"]} == {"bird", "site"}
    (bird,) = [row for row in report["compared"] if row["task"] == "bird"]
    assert bird["labelled"] == 16  # two of 18 are not known


def test_other_labels_of_the_same_recordings_are_refused(workdir):
    config = audio_diffstride.load_run(workdir).config
    table = write_recordings(workdir.parent)
    text = table.read_text("utf-8").replace("wren;owl", "wren")
    table.write_text(text.replace("robin;owl", "robin").replace("owl;?", "owl"))
    run = audio_diffstride.load_run(workdir)
    assert run.config.data.path == config.data.path
    with pytest.raises(audio_diffstride.UserError, match="has one label, and"):
        run.evaluate()
    write_recordings(workdir.parent)
