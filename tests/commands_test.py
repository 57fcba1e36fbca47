"""The commands as a user types them."""

import csv
import json
import pathlib
import runpy
import shlex
import signal
import subprocess
import sys
import time

import keras
import pytest

import audio_diffstride.runs.model_files  # noqa: F401  knows what a model is made of
from audio_diffstride import errors
from tests.support.synthetic import write_folder

ROOT = pathlib.Path(__file__).parents[1]
PACKAGE = "audio_diffstride/__main__.py"


@pytest.fixture
def run(monkeypatch, capfd):
    """Runs a script of the checkout as `python` does, in this process."""

    def run(script, *arguments, status=0):
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(sys, "argv", [script, *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(script, run_name="__main__")
        printed = capfd.readouterr()
        assert stopped.value.code == status, printed.err
        assert "Traceback" not in printed.err, printed.err
        return printed

    return run


def best_of(workdir):
    """The best accuracy of a finished run of epochs of 2 steps, in words."""
    with open(workdir / "history.csv", newline="") as file:
        rows = [float(row["val_accuracy"]) for row in csv.DictReader(file)]
    best = max(rows)
    last = max(i for i, accuracy in enumerate(rows) if accuracy == best)
    return f"{100 * best:.1f} %, at step {2 * last + 2} of {2 * len(rows)}"


def test_own_recordings_from_training_to_report(run, tmp_path):
    folder = write_folder(tmp_path / "own")
    workdir = tmp_path / "the run"
    quoted = f"--workdir '{workdir}'"
    done = run(
        "train.py",
        "--config=configs/audio_files.py:small",
        f"--config.data.path={folder}",
        f"--config.data.store_dir={tmp_path / 'stores'}",
        "--config.model.downsampling=diffstride",
        "--config.model.channels=(4, 4)",
        "--config.model.strides=((2, 2), (1.5, 2))",
        "--config.training.num_steps=4",
        "--config.training.steps_per_epoch=2",
        "--config.training.batch_size=4",
        f"--workdir={workdir}",
    )
    assert done.out.startswith("training on ")
    assert done.out.count("val_accuracy is on whole validation") == 1
    best = best_of(workdir)
    assert done.out.endswith(
        f"best validation accuracy: {best}\nthe run is in {workdir}\n"
        f"next: python evaluate.py {quoted}\n"
    )
    done = run("evaluate.py", f"--workdir={workdir}", "--split=validation")
    assert done.out.endswith(f"next: audio-diffstride report {quoted}\n")
    assert "label: 2 classes" in done.out
    assert "95 % interval" in done.out
    written = {path.name for path in workdir.glob("evaluation_*/label/*")}
    assert {"confusion.png", "curves.png", "recordings.csv"} <= written
    result = json.loads(
        (workdir / "evaluation_validation" / "scores.json").read_text()
    )
    assert result["tasks"]["label"]["recordings"] == 2
    assert result["split"] == "validation"
    done = run(PACKAGE, "cutoffs", "--workdir", workdir)
    assert "block2 time       1.5" in done.out
    done = run(PACKAGE, "report", "--workdir", workdir)
    assert "report.html" in done.out
    assert f"\nnext: audio-diffstride predict {quoted} REC" in done.out
    page = (workdir / "report.html").read_text("utf-8")
    assert "Log-mel spectrogram. After block 2" in page  # stores.json is read


@pytest.mark.slow
def test_ctrl_c_stops_cleanly_with_everything_saved(tmp_path):
    folder = write_folder(tmp_path / "own")
    workdir = tmp_path / "run"
    command = [
        "train.py",
        "--config=configs/audio_files.py:small",
        f"--config.data.path={folder}",
        f"--config.data.store_dir={tmp_path / 'stores'}",
        "--config.model.channels=(2, 2)",
        "--config.model.strides=((2, 2), (2, 2))",
        "--config.training.num_steps=100000",
        "--config.training.steps_per_epoch=50000",
        "--config.training.batch_size=4",
        f"--workdir={workdir}",
    ]
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            if line.startswith("Epoch 1"):
                break
        time.sleep(1)  # into the steps
        process.send_signal(signal.SIGINT)
        printed = process.stdout.read()
        assert process.stderr.read() == ""  # nothing of TensorFlow either
    assert process.returncode == 0
    assert "stopping after this step" in printed
    assert "resumes from the end of the last complete epoch, step 0" in printed
    assert "best validation accuracy so far: " in printed
    assert printed.endswith(f"\nnext: python {shlex.join(command)}\n")
    with open(workdir / "strides.csv", newline="") as file:
        steps = [int(row["step"]) for row in csv.DictReader(file)]
    assert steps[0] == 0 and 0 < steps[1] < 50000
    model = keras.saving.load_model(workdir / "last.keras")
    assert int(model.optimizer.iterations) == steps[1]
    assert len((workdir / "history.csv").read_text().splitlines()) == 2


def test_mistakes_are_one_sentence(run, tmp_path):
    workdir = f"--workdir={tmp_path / 'run'}"
    own = "--config=configs/audio_files.py:small"
    for command, message in (
        (("train.py", own, workdir), "data.path is empty"),
        (
            ("train.py", own, workdir, "--config.data.path=nowhere"),
            "nowhere does not exist",
        ),
        (
            ("train.py", own, workdir, "--config.model.widht=1"),
            "no flag --config.model.widht; did you mean --config.model.width?",
        ),
        (
            ("train.py", "--config=configs/audio_files.py:smal", workdir),
            "the only variant is :small",
        ),
        (
            ("train.py", "--config=configs/nowhere.py", workdir),
            "--config configs/nowhere.py does not exist",
        ),
        (("evaluate.py", workdir), "not the work directory of a run"),
        (
            (PACKAGE, "report", workdir),
            "not the work directory of a run",
        ),
    ):
        done = run(*command, status=2)
        last = done.err.strip().splitlines()[-1]
        assert last.startswith("error: ") and message in last, done.err
    assert not (tmp_path / "run").exists()


def test_a_backend_that_is_not_there_is_told(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(SystemExit), errors.report_user_errors():
        raise ModuleNotFoundError("no jax", name="jax")
    assert "pip install 'audio-diffstride[jax]'" in capsys.readouterr().err
    with pytest.raises(ModuleNotFoundError), errors.report_user_errors():
        raise ModuleNotFoundError("no such", name="such")
