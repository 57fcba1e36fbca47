"""A checkpoint is whole, or known not to be."""

import hashlib
import io
import json

import numpy as np
import pytest

from audio_diffstride.training import checkpoints
from audio_diffstride.training.checkpoints import Checkpoint


def make(step, best_state=None):
    state = [np.full((2, 3), step, np.float32), np.array(step, np.int64)]
    return Checkpoint(
        step=step,
        history=[{"epoch": 0, "loss": 0.1 + 0.2}],
        strides=[{"step": step, "block1_time": 2.0000001}],
        best_score=1 / 3,
        state=state,
        best_state=best_state or state,
    )


def assert_equal(one, other):
    for name in ("step", "history", "strides", "best_score"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("state", "best_state"):
        arrays = getattr(one, name), getattr(other, name)
        assert len(arrays[0]) == len(arrays[1])
        for first, second in zip(*arrays):
            assert first.dtype == second.dtype
            np.testing.assert_array_equal(first, second)


def test_what_is_written_is_read_to_the_bit(tmp_path):
    for written in (make(0), make(5), make(10, best_state=make(5).state)):
        checkpoints.write(tmp_path, written)
        assert_equal(checkpoints.read_latest(tmp_path), written)


def test_the_last_two_are_kept_by_their_steps_and_no_other_file_goes(tmp_path):
    (tmp_path / "notes").write_text("")
    for step in (8, 9, 10, 11):
        checkpoints.write(tmp_path, make(step))
    assert {path.name for path in tmp_path.iterdir()} == {
        "step-10.checkpoint",
        "step-11.checkpoint",
        "notes",
    }
    checkpoints.remove(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_any_damage_is_reported_and_the_one_before_is_read(tmp_path, capsys):
    checkpoints.write(tmp_path, make(9))
    checkpoints.write(tmp_path, make(10))
    path = tmp_path / "step-10.checkpoint"
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in (0, 64, 65, len(whole) - 1, *rng.integers(len(whole), size=9)):
        flipped = bytearray(whole)
        flipped[place] ^= 1
        for content in (bytes(flipped), whole[:place], whole + b"\0"):
            path.write_bytes(content)
            assert checkpoints.read_latest(tmp_path).step == 9
            assert f"{path} is damaged" in capsys.readouterr().out
    path.write_bytes(whole)
    assert checkpoints.read_latest(tmp_path).step == 10
    assert capsys.readouterr().out == ""


def test_without_a_whole_one_there_is_none(tmp_path):
    assert checkpoints.read_latest(tmp_path / "nowhere") is None
    (tmp_path / "step-2.checkpoint").write_text("")
    assert checkpoints.read_latest(tmp_path) is None


def test_a_write_that_fails_leaves_the_ones_before(tmp_path):
    checkpoints.write(tmp_path, make(8))
    checkpoints.write(tmp_path, make(9))
    broken = make(10)
    broken.history.append({"loss": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        checkpoints.write(tmp_path, broken)
    assert len(list(tmp_path.iterdir())) == 2
    assert checkpoints.read_latest(tmp_path).step == 9


def test_a_checkpoint_of_an_earlier_version_is_read(tmp_path, monkeypatch):
    dumps = json.dumps

    def as_before(about, **kwargs):
        about["best_accuracy"] = about.pop("best_score")
        return dumps(about, **kwargs)

    monkeypatch.setattr(checkpoints.json, "dumps", as_before)
    checkpoints.write(tmp_path, make(5))
    assert_equal(checkpoints.read_latest(tmp_path), make(5))


def test_the_latest_step_is_the_highest_number_damaged_or_not(tmp_path):
    assert checkpoints.latest_step(tmp_path / "nowhere") == 0
    assert checkpoints.latest_step(tmp_path) == 0
    for step in (9, 10):
        checkpoints.write(tmp_path, make(step))
    (tmp_path / "step-11.checkpoint").write_text("damaged")
    (tmp_path / "step-x.checkpoint").write_text("not ours")
    assert checkpoints.latest_step(tmp_path) == 11
    assert checkpoints.read_latest(tmp_path).step == 10


def test_a_checkpoint_runs_no_code(tmp_path):
    """A pickled object would: it counts as damage, whatever its digest."""
    checkpoints.write(tmp_path, make(5))
    path = tmp_path / "step-5.checkpoint"
    content = path.read_bytes().partition(b"\n")[2]
    with np.load(io.BytesIO(content)) as whole:
        arrays = {**whole, "state1": np.array([{}], object)}
    archive = io.BytesIO()
    np.savez(archive, **arrays)
    digest = hashlib.sha256(archive.getvalue()).hexdigest().encode()
    path.write_bytes(digest + b"\n" + archive.getvalue())
    assert checkpoints.read_latest(tmp_path) is None
