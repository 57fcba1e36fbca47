"""A run as a Python object gives the numbers of the commands."""

import csv
import gc
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pytest
import scipy.special
import soundfile

import audio_diffstride as ads
from audio_diffstride.__main__ import call
from audio_diffstride.predict.formats import COLUMNS
from tests.support.eager import eagerly
from tests.support.synthetic import tone, write_folder

pytestmark = pytest.mark.usefixtures("eager_forward")

FIELDS = {
    "model.channels": (4,),
    "model.strides": ((2, 2),),
    "model.width": 1.0,
    "training.num_steps": 4,
    "training.steps_per_epoch": 2,
    "training.batch_size": 4,
    "window_s": 0.4,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Recordings, their stores, a longer recording, and what commands made."""
    folder = tmp_path_factory.mktemp("run")
    write_folder(folder / "own", seconds=0.5)
    stereo = np.stack([tone(700, 1.1), tone(3000, 1.1, seed=1)], axis=1)
    soundfile.write(folder / "field.wav", stereo, 22050, "FLOAT")
    flags = [f"--config.{name}={value}" for name, value in FIELDS.items()]
    flags.append(f"--config.data.store_dir={folder / 'stores'}")
    workdir = ["--workdir", folder / "run"]
    call("train", ["--data", folder / "own", *workdir, *flags])
    return folder


@pytest.fixture(scope="module")
def run(folder):
    return ads.load_run(folder / "run")


def files_in(folder):
    return sorted(folder.rglob("*"))


def test_training_gives_the_bits_of_the_command(folder, run, tmp_path):
    fields = FIELDS | {"data.store_dir": str(folder / "stores")}
    again = ads.train(folder / "own", tmp_path / "again", fields=fields)
    assert again.config.to_dict() == run.config.to_dict()
    assert again.strides == run.strides and again.history == run.history
    for mine, other in zip(again.model.weights, run.model.weights, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_evaluation_returns_what_the_command_writes(folder, run):
    before = files_in(folder)
    scores = run.evaluate("validation")
    assert files_in(folder) == before
    call("evaluate", ["--workdir", folder / "run", "--split", "validation"])
    written = folder / "run" / "evaluation_validation" / "scores.json"
    assert json.loads(written.read_text()) == scores
    last = ads.load_run(folder / "run", "last").evaluate("validation")
    assert last["model"] == "last"


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        (["--top", "all"], {"top": None}),
        (["--merge", "--threshold", "0.5"], {"merge": True, "threshold": 0.5}),
    ],
)
def test_prediction_gives_the_rows_of_the_command(
    folder, run, tmp_path, flags, options
):
    output = tmp_path / "found.csv"
    argv = ["--workdir", folder / "run", folder / "field.wav", *flags]
    call("predict", [*argv, "--output", output, "--hop_s", 0.15])
    with open(output, newline="") as file:
        written = list(csv.DictReader(file))
    found = run.predict(str(folder / "field.wav"), hop_s=0.15)
    mine = [
        {name: str(value) for name, value in zip(COLUMNS[1:], row)}
        for row in found.detections(**options)
    ]
    assert mine
    assert mine == [
        {**row, "padded": row["padded"].capitalize()}
        for row in ({n: row[n] for n in COLUMNS[1:]} for row in written)
    ]


def test_the_probabilities_are_those_of_the_detections(folder, run):
    found = run.predict(folder / "field.wav", hop_s=0.15)
    names = run.class_names["label"]
    assert found.class_names == run.class_names
    assert found.probabilities["label"].shape == (len(found.start_s), 2)
    for row in found.detections(top=None):
        (window,) = np.flatnonzero(found.start_s == row.start_s)
        assert found.end_s[window] == row.end_s
        mine = found.probabilities["label"][window, names.index(row.label)]
        assert round(float(mine), 6) == row.score
    assert found.end_s[-1] == pytest.approx(17600 / 22050, abs=1 / 16000)
    assert "windows" in repr(found) and "label" in repr(found) + repr(run)


def test_an_array_gives_the_numbers_of_its_file(folder, run):
    samples, rate_hz = soundfile.read(folder / "field.wav")
    of_file = run.predict(folder / "field.wav").probabilities["label"]
    of_array = run.predict(samples, rate_hz).probabilities["label"]
    np.testing.assert_array_equal(of_file, of_array)


@pytest.mark.parametrize("rate_hz", [16000, 22050])
def test_sound_in_blocks_has_the_windows_of_the_whole(folder, run, rate_hz):
    samples, _ = soundfile.read(folder / "field.wav")
    if rate_hz == 16000:  # one channel of integers is not converted
        samples = np.round(samples[:, 0] * 30000).astype(np.int16)
    whole = run.predict(samples, rate_hz, hop_s=0.15)
    blocks = (samples[i : i + 777] for i in range(0, len(samples), 777))
    windows = list(run.listen(blocks, rate_hz, hop_s=0.15))
    assert [w.start_s[0] for w in windows] == whole.start_s.tolist()
    assert [w.end_s[0] for w in windows] == whole.end_s.tolist()
    np.testing.assert_allclose(
        np.concatenate([w.probabilities["label"] for w in windows]),
        whole.probabilities["label"],
        atol=1e-5,
    )


def test_a_window_comes_before_the_sound_has_ended(run):
    def blocks():
        while True:
            yield np.zeros(1600, np.int16)

    windows = run.listen(blocks(), 16000)
    assert [next(windows).start_s[0] for _ in range(3)] == [0.0, 0.4, 0.8]


def test_the_heads_see_the_embedding(folder, run):
    vectors = run.embed(folder / "field.wav", hop_s=0.15)
    found = run.predict(folder / "field.wav", hop_s=0.15)
    assert vectors.shape == (len(found.start_s), 4)
    assert vectors.dtype == np.float32
    kernel, bias = run.model.heads[0].get_weights()
    expected = scipy.special.softmax(vectors @ kernel + bias, axis=1)
    np.testing.assert_allclose(
        found.probabilities["label"], expected, atol=1e-6
    )


def test_cutoffs_and_strides_are_those_of_the_files(folder, run, tmp_path):
    call("cutoffs", ["--workdir", folder / "run", "--output", tmp_path])
    written = json.loads((tmp_path / "cutoffs.json").read_text())
    assert written["runs"] == {str(folder / "run"): run.cutoffs()}
    assert run.strides["step"] == [0, 2, 4]
    figure = run.plot_strides()
    lines = [line for panel in figure.axes for line in panel.get_lines()]
    drawn = [list(line.get_ydata()) for line in lines]
    assert drawn == [v for name, v in run.strides.items() if name != "step"]


def test_without_a_workdir_nothing_stays(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    fields = FIELDS | {"training.num_steps": 2}
    with eagerly():
        run = ads.train(folder / "own", fields=fields)
    assert pathlib.Path(run.config.data.store_dir).is_relative_to(tmp_path)
    assert run.evaluate()["tasks"]["label"]["recordings"] == 2
    assert run.predict(folder / "field.wav").probabilities["label"].any()
    del run
    gc.collect()
    with pytest.raises(ads.UserError, match="does not exist"):
        ads.train(folder / "nowhere", fields=fields)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda run: run.evaluate("tset"), "split is 'tset', but must be"),
        (lambda run: ads.load_run(run.workdir, "bst"), "must be best or last"),
        (lambda run: ads.load_run("nowhere"), "not the work directory"),
        (lambda run: run.predict("nowhere.wav"), "cannot be read as audio"),
        (lambda run: run.predict("a.wav", 16000), "leave it out for a.wav"),
        (lambda run: run.predict(np.ones(9)), "give sample_rate_hz"),
        (lambda run: run.embed([0.0], 16000, hop_s=1), "would skip sound"),
        (
            lambda run: ads.train("x", fields={"training.nm_steps": 1}),
            "the fields: there is no field training.nm_steps",
        ),
        (
            lambda run: ads.train("x", fields={"seed": "one"}),
            "the fields: seed is 'one', but must be a whole number",
        ),
    ],
)
def test_a_mistake_is_a_user_error(run, use, message):
    with pytest.raises(ads.UserError, match=message):
        use(run)


def test_the_names_need_neither_keras_nor_tensorflow():
    program = (
        "import sys, audio_diffstride as ads\n"
        "ads.train, ads.load_run, ads.Run, ads.UserError\n"
        "assert not {'keras', 'tensorflow'} & {*sys.modules}\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
