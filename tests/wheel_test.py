"""The wheel, installed where no checkout is in sight, does what users do.

The package comes from the wheel only. What it depends on is linked from the
environment of the tests, instead of downloaded.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig

import pytest

import audio_diffstride
from tests.support.synthetic import write_folder

ROOT = pathlib.Path(__file__).parents[1]
IMPORT_ALL = """
import importlib, pathlib, pkgutil, sys
import audio_diffstride
where = pathlib.Path(audio_diffstride.__file__).parent
assert where.is_relative_to(sys.prefix), where
names = [m.name for m in pkgutil.walk_packages([where], "audio_diffstride.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names))
"""

pytestmark = pytest.mark.slow


def build_wheel(folder: pathlib.Path) -> pathlib.Path:
    """A wheel of what git knows of, from a copy: a build leaves files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    source = folder / "source"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--quiet"]
    subprocess.run(
        [*pip, "wheel", *options, "--wheel-dir", folder, source],
        check=True,
        env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"},
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_same_sources_give_the_same_bytes(wheel, tmp_path):
    again = build_wheel(tmp_path)
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The `bin` folder of an environment that has the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "environment"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", environment], check=True
    )
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = environment / "lib" / version / "site-packages"
    # Only a site folder's own .pth files count: the link brings packages, and
    # not the editable install of the checkout.
    (packages / "linked.pth").write_text(sysconfig.get_path("purelib"))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", environment / "bin/python"]
        + ["install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
    )
    return environment / "bin"


@pytest.fixture(scope="module")
def run(installed, tmp_path_factory):
    """Runs a program of the environment in an empty folder; its output."""
    empty = tmp_path_factory.mktemp("empty")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}

    def run(program, *arguments) -> str:
        done = subprocess.run(
            [installed / program, *map(str, arguments)],
            cwd=empty,
            env={**environment, "HOME": str(empty)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.folder = empty
    return run


def test_every_module_can_be_imported(run):
    files = list((ROOT / "audio_diffstride").rglob("*.py"))
    assert int(run("python", "-c", IMPORT_ALL)) == len(files) - 1


def test_the_command_tells_its_story_and_its_version(run):
    assert "audio-diffstride train --data" in run("audio-diffstride", "--help")
    version = run("audio-diffstride", "--version")
    assert version == f"audio-diffstride {audio_diffstride.__version__}\n"


def test_the_page_that_listens_has_all_its_parts(run):
    code = (
        "from audio_diffstride.export.web import runtime, scripts;"
        "names = (scripts.PAGE, scripts.WORKER, scripts.CAPTURE);"
        "print(len(runtime.binary()) > 10**7, 'ort' in runtime.script(),"
        "      'MIT' in runtime.licence(), *(len(scripts.read(n)) > 100"
        "      for n in names))"
    )
    assert run("python", "-c", code).split() == ["True"] * 6


def test_the_published_model_is_there(run):
    write_folder(run.folder / "heard")
    model = ["--model", "demo", "--output", "demo.csv"]
    run("audio-diffstride", "predict", "heard", *model)
    text = (run.folder / "demo.csv").read_text()
    for task in ("digit", "word", "instrument", "pitch", "sound"):
        assert f",{task}," in text


def test_own_recordings_from_a_folder_to_a_page(run):
    """check, train, evaluate, predict, cutoffs, report, export and a sweep."""
    write_folder(run.folder / "own")
    small = {
        "model.channels": "(4, 4)",
        "model.strides": "((2, 2), (1.5, 2))",
        "training.num_steps": "4",
        "training.steps_per_epoch": "2",
        "training.batch_size": "4",
    }
    flags = [f"--config.{name}={value}" for name, value in small.items()]
    command = "audio-diffstride"
    assert "0 recordings cannot be used" in run(command, "check", "own")
    run(command, "train", "--data", "own", "--workdir", "runs/a", *flags)
    workdir = ["--workdir", "runs/a"]
    assert "label: 2 classes" in run(command, "evaluate", *workdir)
    run(command, "predict", *workdir, "own", "--output", "found.csv")
    header, *rows = (run.folder / "found.csv").read_text().splitlines()
    assert header.startswith("file,") and len(rows) >= 20
    assert "block2 time       1.5" in run(command, "cutoffs", *workdir)
    run(command, "report", *workdir)
    page = (run.folder / "runs/a/report.html").read_text()
    assert "</html>" in page and "<style>" in page
    run(command, "export", *workdir, "--format", "saved_model")
    sets = [f"{name}={value}" for name, value in small.items()]
    run(
        *[command, "sweep", "--config", "recordings:small"],
        *["--output", "sweep", "--arms", "diffstride"],
        *["--set", "data.path=own", *sets],
    )
    assert (run.folder / "sweep/results_test/table.md").is_file()
    table = run(command, "tables", "--runs", "runs/a", "--output", "tables")
    assert "DiffStride" in table
