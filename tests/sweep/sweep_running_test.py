"""The runs of a sweep, trained and evaluated by commands of their own."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import running
from tests.support.planned_sweep import SCORES, begin
from tests.support.synthetic import write_folder

ROOT = pathlib.Path(__file__).parents[2]

# Stands for a command: notes that it was called, and follows its script.
COMMAND = """
import json, os, pathlib, sys
flags = dict(flag[2:].split("=", 1) for flag in sys.argv[1:])
name = pathlib.Path(sys.argv[0]).stem
workdir = pathlib.Path(flags["workdir"])
here = pathlib.Path(__file__).parent
with open(here / "calls", "a") as file:
    print(name, workdir.name, file=file)
exec((here / "told").read_text())
def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
if name == "train":
    write(workdir / "flags.json", flags)
    run = {"config": {}, "data": [], "starts": [], "finished": finished}
    write(workdir / "run.json", run)
else:
    scores = json.loads((here / "scores").read_text())
    split = flags["split"]
    write(workdir / f"evaluation_{split}" / "scores.json", scores)
"""


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """A folder with such commands; `told` is what they do first."""
    folder = tmp_path / "commands"
    folder.mkdir()
    for name in ("train.py", "evaluate.py"):
        (folder / name).write_text(COMMAND)
    origin = {"data": "tones", "split_name": "official", "accuracy": 0.5}
    scores = {"split": "test", "model": "best"}
    scores["tasks"] = {"pitch": SCORES | origin}
    (folder / "scores").write_text(json.dumps(scores))
    (folder / "told").write_text("finished = 'today'")
    monkeypatch.setattr(running, "_CHECKOUT", folder)
    return folder


def calls(folder):
    path = folder / "calls"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def test_every_run_is_trained_and_evaluated_once(commands, tmp_path, capsys):
    runs = begin(tmp_path / "sweep", vary={"model.width": [0.25]})
    assert running.run_all(tmp_path / "sweep", runs, "test") == []
    names = [run.name for run in runs]
    assert calls(commands) == [
        f"{command} {name}"
        for name in names
        for command in ("train", "evaluate")
    ]
    flags = json.loads(
        (tmp_path / "sweep" / names[1] / "flags.json").read_text()
    )
    assert flags == {
        "config": str(tmp_path / "sweep" / "config.json"),
        "config.model.width": "0.25",
        "config.model.downsampling": "diffstride",
        "config.seed": "0",
        "workdir": str(tmp_path / "sweep" / names[1]),
    }
    assert f"2 of 2: {names[1]}: pitch 50.0 %" in capsys.readouterr().out
    assert running.run_all(tmp_path / "sweep", runs, "test") == []
    assert calls(commands) == [] and capsys.readouterr().out == ""
    # Another split needs no other training.
    assert running.run_all(tmp_path / "sweep", runs, "validation") == []
    assert calls(commands) == [f"evaluate {name}" for name in names]


def test_a_run_that_fails_is_reported_and_the_others_go_on(
    commands, tmp_path, capsys
):
    (commands / "told").write_text(
        "finished = 'today'\n"
        "if name == 'train' and 'spectral' in workdir.name:\n"
        "    print('Traceback')\n"
        "    sys.exit('error: too wide for this')"
    )
    arms = ("strided_conv", "spectral", "diffstride")
    runs = begin(tmp_path / "sweep", arms=arms)
    names = [run.name for run in runs]
    assert running.run_all(tmp_path / "sweep", runs, "test") == [names[1]]
    told = capsys.readouterr().err
    assert told == f"2 of 3: {names[1]} failed: too wide for this\n"
    log = tmp_path / "sweep" / "logs" / f"{names[1]}.txt"
    assert "Traceback" in log.read_text()
    calls(commands)
    (commands / "told").write_text("finished = 'today'")
    assert running.run_all(tmp_path / "sweep", runs, "test") == []
    assert calls(commands) == [f"train {names[1]}", f"evaluate {names[1]}"]


@pytest.mark.parametrize(
    "told, message",
    [
        ("os.kill(os.getpid(), 9)", "it was killed by signal 9"),
        ("finished = None", "it stopped before its last step"),
        ("sys.exit(3)", "it ended with status 3 and printed nothing"),
        ("raise OSError('no disk')", "OSError: no disk"),
    ],
)
def test_a_reason_that_all_runs_have_ends_the_sweep(
    told, message, commands, tmp_path
):
    (commands / "told").write_text(told)
    runs = begin(tmp_path / "sweep", seeds=3)
    with pytest.raises(UserError) as caught:
        running.run_all(tmp_path / "sweep", runs, "test")
    assert str(caught.value) == (
        f"two runs in a row fail for the same reason: {message}; see "
        f"{tmp_path / 'sweep'}/logs"
    )
    assert len(calls(commands)) == 2


def test_without_a_checkout_the_installed_command_runs(tmp_path, monkeypatch):
    started = []

    class Process(subprocess.Popen):
        def __init__(self, command, **kwargs):
            started.append(command)
            super().__init__([sys.executable, "-c", "raise SystemExit(1)"])

    monkeypatch.setattr(running, "_CHECKOUT", tmp_path / "nowhere")
    monkeypatch.setattr(subprocess, "Popen", Process)
    runs = begin(tmp_path / "sweep")
    with pytest.raises(UserError, match="two runs in a row fail"):
        running.run_all(tmp_path / "sweep", runs, "test")
    wanted = [sys.executable, "-m", "audio_diffstride", "train"]
    assert [command[:4] for command in started] == [wanted, wanted]


@pytest.mark.slow
def test_a_killed_sweep_goes_on_and_ends_as_one_never_killed(tmp_path):
    """By the command, killed with all it started, in its second run."""
    own = write_folder(tmp_path / "own")

    def command(output):
        return [
            *(sys.executable, "-m", "audio_diffstride", "sweep"),
            *("--config", "configs/audio_files.py:small"),
            *("--output", str(output), "--arms", "diffstride", "spectral"),
            *("--set", f"data.path={own}", f"data.store_dir={tmp_path}/stores"),
            *("model.channels=(4, 4)", "model.strides=((2, 2), (1, 2))"),
            *("training.num_steps=30", "training.steps_per_epoch=2"),
            "training.batch_size=4",
        ]

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    done = subprocess.run(command(whole), cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stderr
    process = subprocess.Popen(
        command(killed), cwd=ROOT, start_new_session=True
    )
    history = killed / "spectral_seed=0" / "history.csv"
    while process.poll() is None and not history.exists():
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    first = killed / "diffstride_seed=0" / "best.keras"
    before = first.stat().st_mtime_ns
    with pytest.raises(UserError, match="another sweep, of 2 runs"):
        call("sweep", [*command(killed)[4:], "--arms", "diffstride"])
    done = subprocess.run(
        command(killed), cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "2 of 2: spectral_seed=0: label" in done.stdout
    assert first.stat().st_mtime_ns == before
    run = json.loads((history.parent / "run.json").read_text())
    assert len(run["starts"]) == 2
    results = ("results_test/comparison.csv", "spectral_seed=0/history.csv")
    for name in (*results, "diffstride_seed=0/cost.json"):
        assert (whole / name).read_bytes() == (killed / name).read_bytes()
