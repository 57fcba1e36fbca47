"""Damaged configs and runs, by the commands as a user types them."""

import json
import pathlib
import random
import subprocess
import sys
import zipfile

import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.runs import model_files
from tests.support import finished_run
from tests.support.synthetic import write_folder, write_store

ROOT = pathlib.Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def sentence(*command) -> str:
    """What a command that fails prints: one line, no traceback, status 2."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and not done.stdout, done
    assert "Traceback" not in done.stderr, done.stderr
    lines = done.stderr.splitlines()
    lines = [line for line in lines if line.startswith("error: ")]
    assert len(lines) == 1 and done.stderr.rstrip().endswith(lines[0])
    return lines[0].removeprefix("error: ")


def readers(workdir):
    """Every command that reads a run."""
    package = ("-m", "audio_diffstride")
    return {
        "evaluate": ("evaluate.py", f"--workdir={workdir}"),
        "cutoffs": (*package, "cutoffs", "--workdir", workdir),
        "report": (*package, "report", "--workdir", workdir),
        "predict": (
            *(*package, "predict", workdir.parent / "own"),
            *("--workdir", workdir, "--output", workdir.parent / "out"),
        ),
    }


@pytest.fixture
def workdir(tmp_path):
    """A run on own recordings that are not prepared any more."""
    write_folder(tmp_path / "own", takes=1)
    store = write_store(tmp_path / "store")
    workdir = finished_run.write(tmp_path / "run", [store])
    config = json.loads((workdir / "config.json").read_text())
    config["data"] |= {
        "source": "audio_files",
        "path": str(tmp_path / "own"),
        "store_dir": str(tmp_path / "stores"),
    }
    (workdir / "config.json").write_text(json.dumps(config))
    return workdir


def files(folder):
    return sorted(folder.rglob("*"))


def test_a_config_that_is_not_one(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("def get_config(:\n")
    run = tmp_path / "run"
    for flags, message in (
        (("--config=nowhere.py",), "--config nowhere.py does not exist"),
        (("--config=configs",), "--config is 'configs', but must be a .py"),
        ((f"--config={bad}",), f"{bad} fails: invalid syntax"),
        (("--config=configs/default.py:x",), "the only variant is :small"),
        (
            ("--config=configs/default.py", "--config.nosuch=1"),
            "there is no flag --config.nosuch; see --help",
        ),
        (
            ("--config=configs/default.py", "--config.model.width=abc"),
            "the flags: model.width is 'abc', but must be a number above 0",
        ),
        (
            ("--config=configs/default.py", "--config.window_s=nan"),
            "the flags: window_s is 'nan', but must be a number above 0",
        ),
    ):
        assert message in sentence("train.py", *flags, f"--workdir={run}")
        assert files(tmp_path) == [bad]


def test_a_model_that_would_run_code(workdir):
    path, marker = workdir / "best.keras", workdir.parent / "marker"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["config"]["encoder"]["config"]["name"] = {
        "module": "os",
        "class_name": "function",
        "config": "system",
        "registered_name": f"touch {marker}",
    }
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    before = files(workdir.parent)
    for name, command in readers(workdir).items():
        told = sentence(*command)
        assert told.startswith(f"{path} names os.function, which is"), name
        assert files(workdir.parent) == before, name


@pytest.mark.parametrize("file", ["config.json", "best.keras"])
def test_a_file_that_is_cut_off(file, workdir):
    content = (workdir / file).read_bytes()
    (workdir / file).write_bytes(content[: len(content) // 2])
    before = files(workdir.parent)
    for name, command in readers(workdir).items():
        told = sentence(*command)
        assert told.startswith(f"{workdir / file} is damaged: "), name
        assert files(workdir.parent) == before, name


VALUES = (None, True, -1, 3, 1e9, float("nan"), "", "keras", [], [1], {})


def damaged(members, rng):
    """The members of a model file with its config changed in one place."""
    config = json.loads(members["config.json"])
    places, stack = [], [config]
    while stack:
        inner = stack.pop()
        keys = inner if isinstance(inner, dict) else range(len(inner))
        for key in keys:
            places.append((inner, key))
            if isinstance(inner[key], (dict, list)):
                stack.append(inner[key])
    inner, key = rng.choice(places)
    if isinstance(inner, dict) and rng.random() < 0.3:
        del inner[key]
    else:
        inner[key] = rng.choice(VALUES)
    return members | {"config.json": json.dumps(config)}


@pytest.mark.filterwarnings("ignore")  # Keras warns of what it leaves out
def test_a_thousand_damaged_models_are_loaded_or_reported(workdir):
    path, rng = workdir / "best.keras", random.Random(0)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    refused = 0
    for number in range(1000):
        if number % 2:
            with zipfile.ZipFile(path, "w") as archive:
                for name, content in damaged(members, rng).items():
                    archive.writestr(name, content)
        else:
            content = bytearray(whole)
            content[rng.randrange(len(content))] ^= rng.randrange(1, 256)
            del content[rng.choice([len(content), rng.randrange(9999)]) :]
            path.write_bytes(content)
        try:
            model_files.load(path)
        except UserError as error:
            assert str(error).startswith(str(path))
            assert "\n" not in str(error) and len(str(error)) < 600
            refused += 1
    assert 500 < refused < 1000
