"""Published models: found by name, verified, and used where a run is read."""

import csv
import json
import pathlib
import re

import numpy as np
import pytest

from audio_diffstride import load_run
from audio_diffstride.__main__ import call
from audio_diffstride.calibration import calibration_file
from audio_diffstride.config import config_files
from audio_diffstride.errors import UserError
from audio_diffstride.files import digests
from audio_diffstride.published import models
from audio_diffstride.runs import loading
from audio_diffstride.training import initial_run
from audio_diffstride.training.model import build_model
from studies import demo_card
from tests.support.predicted import write_recordings

TASKS = ["digit", "word", "instrument", "pitch", "sound"]
ROOT = pathlib.Path(__file__).parents[2]
FOLDER = models.run_folder("demo")
SCORES = FOLDER / "evaluation_test" / "scores.json"


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return write_recordings(tmp_path_factory.mktemp("recordings"))


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Another published demo, small and easy to damage."""
    folder = tmp_path / "published" / "demo"
    folder.mkdir(parents=True)
    for name in ("config.json", "best.keras"):
        (folder / name).write_text(name)
    sums = [f"{digests.digest_of_file(f)}  {f.name}" for f in folder.iterdir()]
    (folder / models.SUMS).write_text("\n".join(sums) + "\n")
    monkeypatch.setattr(models, "_FOLDER", folder.parent)
    monkeypatch.chdir(tmp_path)
    return folder


def test_other_names_are_paths(published):
    for run in ("runs/demo", "./demo", "demo/", "other", pathlib.Path("a/b")):
        assert models.run_folder(run) == pathlib.Path(run)
    assert models.run_folder("demo") == published


def test_a_run_of_that_name_comes_first(published, capsys):
    own = pathlib.Path("demo")
    own.mkdir()
    assert models.run_folder("demo") == published  # not a run
    assert capsys.readouterr().err == ""
    (own / "config.json").write_text("{}")
    assert models.run_folder("demo") == own
    assert "the run in the folder demo is used, and not" in (
        capsys.readouterr().err
    )


def test_a_file_that_is_missing_or_changed_is_refused(published):
    for change in (
        lambda path: path.write_text("config.jsom"),
        lambda path: path.unlink(),
    ):
        change(published / "config.json")
        with pytest.raises(UserError, match="config.json is missing or not wh"):
            models.run_folder("demo")


@pytest.mark.parametrize(
    "words",
    [
        ["cutoffs", "--workdir", "demo"],
        ["export", "--workdir", "demo", "--format", "onnx"],
    ],
)
def test_nothing_is_written_beside_a_published_model(published, words):
    before = sorted(published.iterdir())
    with pytest.raises(UserError, match="demo is a model of the package, and"):
        call(*words[:1], words[1:])
    assert sorted(published.iterdir()) == before


@pytest.mark.parametrize(
    "words, message",
    [
        (["--workdir", "runs/a", "--model", "demo"], "demo needs no --workdir"),
        (["--model", "dmo"], "must be best, last, demo, or a file NAME.onnx"),
        ([], "or --model with an exported file or demo"),
    ],
)
def test_flags_that_do_not_go_together_have_a_sentence(words, message):
    words = ["a.wav", "--output", "o.csv", *words]
    with pytest.raises(UserError, match=message):
        call("predict", words)


def test_the_demo_is_small_and_all_of_it_is_listed():
    lines = (FOLDER / models.SUMS).read_text().splitlines()
    listed = {FOLDER / line.split("  ", 1)[1] for line in lines}
    there = {path for path in FOLDER.rglob("*") if path.is_file()}
    assert listed == there - {FOLDER / models.SUMS}
    assert sum(path.stat().st_size for path in there) < 3e6
    for path in there - {FOLDER / "best.keras"}:
        assert not re.search(r"/(tmp|home|root|work)/", path.read_text()), path


def test_the_demo_says_what_it_scores_and_what_it_learned_from():
    run = load_run("demo")
    assert [*run.class_names] == TASKS
    card = (FOLDER / "MODEL_CARD.md").read_text()
    scores = json.loads(SCORES.read_text())["tasks"]
    for task in TASKS:
        share = f"{100 * scores[task]['accuracy']:.1f} %"
        assert f"| {task} | {share} |" in card
        assert scores[task]["accuracy"] > 2 * scores[task]["chance"]
    for row in demo_card.SOURCES:
        assert " | ".join(row) in card
    assert demo_card.LICENCE in card


def test_the_demo_predicts_as_its_run_and_is_calibrated(recordings, tmp_path):
    output = tmp_path / "o.csv"
    words = ["--model", "demo", "--output", output, recordings / "a.wav"]
    assert call("predict", [*map(str, words)]) == 0
    with open(output, newline="") as file:
        rows = {row["task"]: row for row in csv.DictReader(file)}
    run = load_run("demo")
    found = run.predict(recordings / "a.wav")
    assert [*rows] == TASKS and len(found.windows) == 1
    for task, names in found.class_names.items():
        (likely,) = found.probabilities[task]
        assert rows[task]["class"] == names[int(np.argmax(likely))]
        assert float(rows[task]["score"]) == pytest.approx(
            likely.max(), abs=1e-4
        )
    calibration = calibration_file.require(FOLDER / "best.keras")
    assert [*calibration.tasks] == TASKS


def test_a_run_starts_from_the_demo():
    given = {"fine_tuning.run": "demo", "data.path": "x"}
    config = config_files.with_values("recordings:small", given, "the flags")
    model = build_model(config, {"other": ["a", "b"]})
    initial_run.start_from(model, config)
    trained = loading.load_model(FOLDER)
    for one, other in zip(
        model.encoder.get_weights(), trained.encoder.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    (noted,) = initial_run.initial_model(config)
    assert noted.name == "the model of demo"
    assert noted.fingerprint == digests.digest_of_file(FOLDER / "best.keras")


def test_the_demo_reports_its_cutoffs(tmp_path, capsys):
    call("cutoffs", ["--workdir", "demo", "--output", str(tmp_path / "c")])
    assert "block6 frequency" in capsys.readouterr().out


def test_the_page_has_the_scores_of_the_demo():
    page = (ROOT / "docs" / "howto" / "demo_model.md").read_text()
    for task, scores in json.loads(SCORES.read_text())["tasks"].items():
        low, high = (100 * each for each in scores["intervals"]["accuracy"])
        row = (
            f"| {100 * scores['accuracy']:.1f} % | {low:.1f} % to {high:.1f} %"
        )
        assert f"| {task} {row} |" in page
