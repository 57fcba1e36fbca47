"""Time and memory against the size of the data, on data of tiny sizes."""

import json
import re
import sys

import numpy as np
import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.benchmark import large, large_data, large_steps
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import shared_recordings
from audio_diffstride.recordings import class_folders


@pytest.fixture
def store(tmp_path):
    return large_data.write_store(tmp_path / "store", 30)


def test_a_store_is_of_windows_that_are_no_copies_of_each_other(store):
    train, test = (store.examples(split) for split in ("train", "test"))
    assert (len(train), len(test)) == (30, 31)
    assert set(train.lengths) == {large_data.WINDOW}
    assert shared_recordings.find_copies(test, train) == []
    assert len({train[index].tobytes() for index in range(30)}) == 30
    assert not {*train.files} & {*test.files}
    assert not {*train.groups} & {*test.groups}


def test_what_is_never_heard_takes_no_space(tmp_path, monkeypatch):
    monkeypatch.setattr(large_data, "NUM_HEARD", 2)
    clips = large_data.write_store(tmp_path / "store", 50).examples("train")
    assert [bool(clips[index].any()) for index in range(4)] == [1, 1, 0, 0]
    status = (tmp_path / "store" / "train.pcm").stat()
    assert status.st_size == 50 * 2 * large_data.WINDOW
    if sys.platform == "linux":
        assert 512 * status.st_blocks < 4 * 2 * large_data.WINDOW


def test_a_disk_without_room_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"GB free.* set TMPDIR to another"):
        large_data.check_space(tmp_path, 10**17)


def test_files_are_recordings_that_differ(tmp_path):
    large_data.write_files(tmp_path / "files", 20)
    found = class_folders.read(tmp_path / "files", (), {}, print)
    assert len(found) == 20 and len({r.labels["label"] for r in found}) == 10
    assert len({r.path.read_bytes() for r in found}) == 20


@pytest.mark.parametrize("name", large_steps.STEPS)
def test_every_step_gives_positive_numbers(name, store, monkeypatch):
    monkeypatch.setattr(large_steps, "_NUM_BATCHES", 2)
    numbers = large_steps.STEPS[name](ClipStore(store.path))
    assert all(np.isfinite(v) and v >= 0 for v in numbers.values())
    json.dumps(numbers)


def test_a_process_is_watched_with_its_children():
    code = "import numpy as np; x = np.ones(int({})); import time; {}"
    rest = "time.sleep(.3)"
    child = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', "
        f"{code.format('1e7', rest)!r}])"
    )
    printed, seconds, alone_mb = large.watch(["-c", "print(5)"])
    assert printed == "5\n" and seconds > 0
    if alone_mb is None:
        pytest.skip("there is no /proc here")
    assert 70 < large.watch(["-c", child])[2] < 180


def test_a_process_that_fails_is_reported():
    with pytest.raises(UserError, match="failed: ValueError: no; give fewer"):
        large.watch(["-c", "raise ValueError('no')"])


def test_tables_have_a_row_per_size_and_one_that_follows(
    monkeypatch, capsys, tmp_path
):
    def watch(arguments):
        if large._STEPS not in arguments:
            return "", 2.0, 90.0
        step, path = arguments[-2:]
        size = ClipStore(path).num_examples["train"]
        numbers = {
            "only_import": {},
            "opening": {"open_s": size / 10},
            "drawing": {
                "first_batch_s": 1.0,
                "resumed_batch_s": 2.0,
                "cold_per_s": None,
                "warm_per_s": 7.0,
            },
            "several_labels": {"report_s": 3.0},
            "evaluation": {"reading_s": 1.0, "sharing_s": 1.0, "report_s": 9.0},
        }[step]
        return json.dumps(numbers), 1.0, 100.0 + size

    monkeypatch.setattr(large, "watch", watch)
    output = tmp_path / "numbers.json"
    flags = "--parts large --windows 20,10 --files 10 --output"
    call("benchmark", [*flags.split(), str(output)])
    lines = capsys.readouterr().out.splitlines()
    line = next(each for each in lines if each.startswith("~ 200  "))
    assert re.split(" {2,}", line)[:2] == ["~ 200", "20.00"]
    rows = json.loads(output.read_text())["large"]
    assert [row["size"] for row in rows] == [10, 20, 200, 10]
    assert rows[1]["opening_mb"] == 0 and rows[2]["open_s"] == 20
    assert rows[2]["warm_per_s"] is None
    assert rows[3]["files_per_s"] == 5


@pytest.mark.parametrize("flag", ["--windows", "--files"])
def test_sizes_are_numbers(flag):
    with pytest.raises(UserError, match="'x' is not an int > 0"):
        call("benchmark", ["--parts", "large", flag, "10,x"])
