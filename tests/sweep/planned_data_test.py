"""A sweep refuses data that is not there before its first run."""

import json

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import manifest
from audio_diffstride.sweep import report, running
from tests.support.synthetic import write_csv, write_folder


@pytest.fixture
def started(monkeypatch):
    """The names of the runs that a sweep starts; none is trained."""
    names = []

    def run_all(folder, runs, split):
        names.extend(run.name for run in runs)
        return []

    monkeypatch.setattr(running, "run_all", run_all)
    monkeypatch.setattr(report, "write", lambda *args: None)
    return names


@pytest.fixture
def table(tmp_path):
    """A CSV of three groups and the task `bird`."""
    write_folder(tmp_path, takes=6)
    return write_csv(
        tmp_path / "own.csv",
        [
            {"path": f"{bird}/{take}.wav", "bird": bird,
             "group": ("ann", "bob", "cy")[take % 3]}
            for bird in ("high", "low") for take in range(6)
        ],
    )  # fmt: skip


def sweep(path, output, *flags, **fields):
    """Calls the command; `fields` are of the section `data`."""
    fields = {"path": path} | fields
    settings = [f"data.{name}={value}" for name, value in fields.items()]
    arguments = ["--config", "recordings:small", "--output", output, *flags]
    call("sweep", [*map(str, arguments), "--set", *settings])


VARIED = ("--arms", "diffstride", "--vary", "data.test_group=ann,bob,zoe")


def test_a_group_that_does_not_exist_is_refused_before_the_first_run(
    table, tmp_path, started
):
    with pytest.raises(UserError) as error:
        sweep(table, tmp_path / "sweep", *VARIED)
    assert str(error.value) == (
        "run test_group=zoe_diffstride_seed=0: data.test_group is 'zoe', but "
        "the groups of the recordings are ann, bob, cy"
    )
    assert started == [] and not (tmp_path / "sweep").exists()
    flags = [flag.removesuffix(",zoe") for flag in VARIED]
    sweep(table, tmp_path / "sweep", *flags)
    assert [name.split("_")[1] for name in started] == [
        "group=ann",
        "group=bob",
    ]


@pytest.mark.parametrize(
    "field, message",
    [
        ({"test_group": "zoe"}, "data.test_group is 'zoe', but the groups"),
        ({"tasks": "brid"}, "brid"),
        ({"path": "nowhere"}, "nowhere does not exist; give a folder or a CSV"),
    ],
)
def test_what_all_runs_lack_is_refused(
    field, message, table, tmp_path, started
):
    with pytest.raises(UserError, match=message) as error:
        sweep(**({"path": table, "output": tmp_path / "sweep"} | field))
    assert str(error.value).startswith("run strided_conv_seed=0: ")
    assert started == [] and not (tmp_path / "sweep").exists()


def test_a_file_that_is_not_there_is_refused_unless_it_is_skipped(
    table, tmp_path, started
):
    (tmp_path / "low" / "3.wav").unlink()
    with pytest.raises(UserError, match="3.wav cannot be read: No such file"):
        sweep(table, tmp_path / "sweep")
    sweep(table, tmp_path / "sweep", skip_bad_files="true")
    assert len(started) == 3


def test_runs_that_are_trained_need_no_data(table, tmp_path, started):
    sweep(table, tmp_path / "sweep")
    finished = {"config": {}, "data": [], "starts": [], "finished": "today"}
    for name in started:
        (tmp_path / "sweep" / name).mkdir()
        path = tmp_path / "sweep" / name / "run.json"
        path.write_text(json.dumps(finished))
    table.unlink()
    sweep(table, tmp_path / "sweep")
    assert len(started) == 6


def test_the_list_of_recordings_is_read_once(
    table, tmp_path, started, monkeypatch
):
    reads, read = [], manifest.read
    monkeypatch.setattr(
        manifest,
        "read",
        lambda *args, **rule: reads.append(args) or read(*args, **rule),
    )
    flags = [flag.removesuffix(",zoe") for flag in VARIED]
    sweep(table, tmp_path / "sweep", *flags, "--seeds", 3)
    assert (len(started), len(reads)) == (6, 1)
