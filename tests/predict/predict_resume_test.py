"""Interrupted predictions resume, and end with the same bytes."""

import pathlib
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.predict import prediction
from tests.support.predicted import (
    contents,
    run,
)

pytestmark = pytest.mark.usefixtures("eager_forward")

ROOT = pathlib.Path(__file__).parents[2]


class Killed(BaseException):
    """What no part of the program catches."""


def kill_after(monkeypatch, num_rows):
    rows = prediction.Prediction.rows
    left = num_rows

    def killed(self, path, report_seconds):
        nonlocal left
        for row in rows(self, path, report_seconds):
            left -= 1
            if left < 0:
                raise Killed
            yield row

    monkeypatch.setattr(prediction.Prediction, "rows", killed)


@pytest.mark.parametrize(
    "kind, num_rows",
    [
        ("csv", 1),
        pytest.param("parquet", 20, marks=pytest.mark.slow),
        pytest.param("raven", 8, marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_run_resumes_to_the_same_bytes(
    kind, num_rows, workdir, recordings, tmp_path, monkeypatch
):
    outputs = tmp_path / "whole" / "o", tmp_path / "killed" / "o"
    arguments = [recordings, "--format", kind, "--top", "2"]
    assert run(workdir, outputs[0], *arguments) == 1
    with monkeypatch.context() as patch:
        kill_after(patch, num_rows)
        with pytest.raises(Killed):
            run(workdir, outputs[1], *arguments)
    assert not outputs[1].exists()
    predicted = []
    rows = prediction.Prediction.rows

    def record(self, path, report_seconds):
        predicted.append(path)
        return rows(self, path, report_seconds)

    monkeypatch.setattr(prediction.Prediction, "rows", record)
    assert run(workdir, outputs[1], *arguments) == 1
    whole, resumed = (contents(path.parent) for path in outputs)
    assert whole == resumed and len(whole) == (4 if kind == "raven" else 2)
    assert (str(recordings / "a.wav") in predicted) == (num_rows < 10)


def test_another_run_on_an_unfinished_one_is_refused(
    workdir, recordings, tmp_path, monkeypatch
):
    output = tmp_path / "o.csv"
    folder, other = tmp_path / "recordings", tmp_path / "run"
    shutil.copytree(recordings, folder)
    shutil.copytree(workdir, other)
    with monkeypatch.context() as patch:
        kill_after(patch, 3)
        with pytest.raises(Killed):
            run(other, output, folder)
    with pytest.raises(UserError, match=r"differs in --threshold \(None, now"):
        run(other, output, folder, "--threshold", 0.5)
    with open(other / "best.keras", "ab") as file:
        file.write(b"0")  # a zip may have a tail
    with pytest.raises(UserError, match="in the model's weights; run the ea"):
        run(other, output, folder)
    shutil.copy(workdir / "best.keras", other)
    (folder / "c.wav").touch()
    with pytest.raises(UserError, match="differs in the recordings; run"):
        run(other, output, folder)
    (folder / "c.wav").unlink()
    assert run(other, output, folder) == 1


@pytest.mark.slow
def test_killed_at_any_moment_the_command_ends_in_the_same_bytes(
    workdir, recordings, tmp_path
):
    folder = tmp_path / "recordings"
    for number in range(30):
        shutil.copytree(recordings, folder / str(number))

    def command(name):
        return subprocess.Popen(
            [sys.executable, "-m", "audio_diffstride", "predict", folder]
            + ["--workdir", workdir, "--output", tmp_path / name]
            + ["--format", "jsonl", "--hop_s", "0.05"],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )

    def num_parts(folder):
        return sum(1 for _ in folder.glob("parts-*/*"))

    assert command("whole").wait() == 1
    rng = np.random.default_rng(0)
    kills = 0
    while True:
        process = command("killed")
        begun = num_parts(tmp_path / "killed.partial")
        wanted = begun + rng.integers(1, 60)
        while process.poll() is None:
            if num_parts(tmp_path / "killed.partial") >= wanted:
                process.send_signal(signal.SIGKILL)
                kills += process.wait() == -signal.SIGKILL
                break
            time.sleep(0.001)
        if process.wait() == 1:
            break
    assert kills >= 2
    for suffix in ("", ".errors.csv"):
        whole, killed = (
            (tmp_path / (name + suffix)).read_bytes()
            for name in ("whole", "killed")
        )
        assert whole == killed
    assert not (tmp_path / "killed.partial").exists()
