"""A work directory holds one run, and what else lies there stays."""

import json
import resource
import subprocess
import sys

import pytest

from audio_diffstride import backends
from audio_diffstride.errors import UserError
from audio_diffstride.files import atomic
from audio_diffstride.runs import provenance
from audio_diffstride.training import work_directory
from tests.support.synthetic import tiny_config, write_store


@pytest.fixture
def stores(tmp_path):
    return [write_store(tmp_path / "store", fingerprint="1")]


@pytest.fixture
def run(tmp_path, stores):
    """A work directory in which a run has begun."""
    path = tmp_path / "run"
    with work_directory.locked(path):
        assert not work_directory.begin(
            path, tiny_config(), stores, overwrite=False
        )
        provenance.add_start(path, 0, tiny_config(), stores)
    return path


def changed(section, **fields):
    config = tiny_config()
    config[section].unlock()
    config[section].update(fields)
    return config


@pytest.mark.parametrize(
    "config, message",
    [
        (
            changed("training", learning_rate=0.5),
            "training.learning_rate = 0.001, which is now 0.5; give another "
            "--workdir, or --overwrite",
        ),
        (changed("model", strides=((2, 1), (2, 2))), r"model.strides = \[\[2"),
        (changed("training", new=None), "training.new = not set.* now None"),
    ],
)
def test_another_config_is_refused_by_its_first_field(
    config, message, run, stores
):
    with pytest.raises(UserError, match=message):
        work_directory.begin(run, config, stores, overwrite=False)


def test_a_field_that_is_gone_is_reported(run, stores):
    config = tiny_config()
    del config.training.schedule
    with pytest.raises(UserError, match="schedule = 'cosine'.* now not set"):
        work_directory.begin(run, config, stores, overwrite=False)


def test_a_run_of_a_version_without_augmentation_goes_on_without_it(
    run, stores
):
    path = run / "run.json"
    content = json.loads(path.read_text())
    assert content["config"].pop("augmentation")
    path.write_text(json.dumps(content))
    assert not work_directory.begin(run, tiny_config(), stores, overwrite=False)
    config = changed("augmentation", gain_db=6.0)
    with pytest.raises(UserError, match="gain_db = 0.0, which is now 6.0"):
        work_directory.begin(run, config, stores, overwrite=False)


def test_other_data_are_refused_by_name(run, stores, tmp_path):
    other = [write_store(tmp_path / "other", fingerprint="2")]
    for data in (other, stores + other, []):
        with pytest.raises(UserError, match="other data: two has changed"):
            work_directory.begin(run, tiny_config(), data, overwrite=False)


def test_a_finished_run_is_known(run, stores):
    assert not work_directory.begin(run, tiny_config(), stores, overwrite=False)
    provenance.add_finish(run)
    assert work_directory.begin(run, tiny_config(), stores, overwrite=False)


def test_files_without_a_run_are_refused_unless_overwritten(tmp_path, stores):
    (tmp_path / "config.json").write_text("somebody's")
    with pytest.raises(
        UserError, match="config.json is there, but no run.json"
    ):
        work_directory.begin(tmp_path, tiny_config(), stores, overwrite=False)
    assert (tmp_path / "config.json").read_text() == "somebody's"
    work_directory.begin(tmp_path, tiny_config(), stores, overwrite=True)
    assert not (tmp_path / "config.json").exists()


def test_a_damaged_run_json_is_reported(run, stores):
    for text in ("{", "{}", "[]"):
        (run / "run.json").write_text(text)
        with pytest.raises(UserError, match="run.json is damaged"):
            work_directory.begin(run, tiny_config(), stores, overwrite=False)
    work_directory.begin(run, tiny_config(), stores, overwrite=True)


def test_overwriting_removes_what_a_run_wrote_and_nothing_else(run, stores):
    theirs = [
        "checkpoints/step-2.checkpoint",
        "checkpoints/.step-4.partial-7.checkpoint",
        "tensorboard/train/events.out.tfevents.1.v2",
        "best.keras",
        ".last.partial-7.keras",
        "history.csv",
        "evaluation_test/scores.json",
        "evaluation_test/pitch/curves.csv",
        "report.html",
        "export_onnx/model.onnx",
        "export_saved_model/saved_model/saved_model.pb",
    ]
    mine = ["notes.txt", "tensorboard/mine", "evaluation_test/pitch/mine.csv"]
    for name in theirs + mine:
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text("")
    assert not work_directory.begin(run, tiny_config(), stores, overwrite=True)
    left = {str(path.relative_to(run)) for path in run.rglob("*")}
    folders = {"tensorboard", "evaluation_test", "evaluation_test/pitch"}
    assert left == {".lock", *mine, *folders}


def test_going_on_removes_what_a_kill_left_half_written(run, stores):
    for name in (".best.partial-7.keras", ".history.partial-12.csv"):
        (run / name).write_text("")
    (run / ".notes.partial-7.txt").write_text("")
    work_directory.begin(run, tiny_config(), stores, overwrite=False)
    assert [p.name for p in run.glob(".*.partial*")] == [".notes.partial-7.txt"]


def test_a_second_training_is_refused_while_the_first_goes_on(tmp_path):
    with work_directory.locked(tmp_path):
        with pytest.raises(UserError, match="another process is training in"):
            with work_directory.locked(tmp_path):
                pass
    with work_directory.locked(tmp_path):
        pass


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for name, why in (("file/run", "Not a dir"), ("long" * 99, "too long")):
        with pytest.raises(UserError, match=f"cannot be written: .*{why}"):
            with work_directory.locked(tmp_path / name):
                pass


def test_a_full_disk_is_one_sentence_and_leaves_what_was_there(tmp_path):
    path = tmp_path / "run.json"
    atomic.write_json(path, {"whole": True})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.raises(UserError, match="cannot be written: File too large"):
        with work_directory.locked(tmp_path):
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
            try:
                atomic.write_json(path, {"half": "x" * 5000})
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert json.loads(path.read_text()) == {"whole": True}
    assert {p.name for p in tmp_path.iterdir()} == {".lock", "run.json"}


def test_every_start_is_recorded_with_what_it_ran_on(run, stores, capsys):
    provenance.add_start(run, 2, tiny_config(), stores)
    assert capsys.readouterr().out == ""
    content = json.loads((run / "run.json").read_text())
    first, second = content["starts"]
    assert (first["step"], second["step"]) == (0, 2)
    assert content["finished"] is None
    assert content["data"] == [{"name": "two", "fingerprint": "1"}]
    assert content["config"]["training"]["batch_size"] == 4
    assert first["packages"].keys() == {"tensorflow", *provenance.PACKAGES}
    assert first["python"] == ".".join(map(str, sys.version_info[:3]))
    assert first["hardware"]["cores"] >= 1
    assert 0.1 < first["hardware"]["memory_gib"] < 1e5
    content["starts"][-1]["packages"]["numpy"] = "1.0"
    (run / "run.json").write_text(json.dumps(content))
    provenance.add_start(run, 4, tiny_config(), stores)
    assert "began with numpy 1.0 and resumes" in capsys.readouterr().out


def test_the_revision_is_that_of_the_checkout(tmp_path):
    def git(*args):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        done = subprocess.run(
            ["git", *who, *args],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    assert provenance.git_revision(tmp_path) is None
    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "a")
    assert provenance.git_revision(tmp_path) == git("rev-parse", "HEAD")
    git("tag", "v1")
    (tmp_path / "a").write_text("2")
    assert provenance.git_revision(tmp_path) == (
        git("rev-parse", "HEAD") + "-dirty"
    )


def test_a_run_goes_on_with_the_backend_it_began_with(run, stores, monkeypatch):
    monkeypatch.setattr(backends, "name", lambda: "jax")
    with pytest.raises(
        UserError, match="set KERAS_BACKEND=tensorflow to resume"
    ):
        work_directory.begin(run, tiny_config(), stores, overwrite=False)
