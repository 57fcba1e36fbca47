"""Files and folders that appear whole or not at all, whoever else writes."""

import concurrent.futures
import os
import signal

import pytest

from audio_diffstride.files import atomic


def write(path, value: str):
    with atomic.atomic_folder(path) as folder:
        for name in ("a", "b"):
            (folder / name).write_text(value)


def test_a_folder_takes_the_place_of_whatever_is_there(tmp_path):
    path = tmp_path / "store"
    path.write_text("a file")
    for value in ("1", "2"):
        write(path, value)
        assert (path / "a").read_text() == value
    assert [*tmp_path.iterdir()] == [path]


def test_a_folder_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "store"
    write(path, "1")
    with pytest.raises(ValueError, match="full"):
        with atomic.atomic_folder(path):
            raise ValueError("the disk is full")
    assert (path / "b").read_text() == "1"
    assert [*tmp_path.iterdir()] == [path]


def test_two_who_write_a_folder_at_once_leave_one_whole(tmp_path):
    """As two runs do that need the same store first."""
    path = tmp_path / "store"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(write, path, str(i % 4)) for i in range(400)]
    for job in jobs:
        job.result()  # raises what the job has raised
    values = {(path / name).read_text() for name in ("a", "b")}
    assert len(values) == 1
    assert [*tmp_path.iterdir()] == [path]


def killed(path):
    """A process that is killed while it writes a folder."""
    child = os.fork()
    if not child:
        with atomic.atomic_folder(path) as folder:
            (folder / "a").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    path = tmp_path / "store"
    for _ in range(2):
        killed(path)
        killed(tmp_path / "store2")  # another folder, which stays
    assert not path.exists()
    write(path, "1")
    left = {each.name.split("-")[0] for each in tmp_path.iterdir()}
    assert left == {"store", ".store2.partial"}
    assert {each.name for each in path.iterdir()} == {"a", "b"}


def test_what_another_process_writes_now_is_left_alone(tmp_path):
    path = tmp_path / "store"
    with atomic.atomic_folder(path) as folder:
        (folder / "a").write_text("first")
        write(path, "second")
        assert (folder / "a").read_text() == "first"
        assert (path / "a").read_text() == "second"
    assert (path / "a").read_text() == "first"
    assert [*tmp_path.iterdir()] == [path]
