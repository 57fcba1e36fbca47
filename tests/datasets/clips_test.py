"""The clip store on disk."""

import json

import numpy as np
import pytest

from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.datasets.kinds import NO_LABEL
from audio_diffstride.errors import UserError


def write(path, clips=3):
    with ClipStoreWriter.open(
        path,
        name="toy",
        tasks={"a": ["x", "y"], "b": ["1", "2", "10"]},
        sample_rate_hz=16000,
        fingerprint="f" * 64,
        split_name="own",
    ) as writer:
        for index in range(clips):
            labels = {"a": "xy"[index % 2]}
            if index != 1:
                labels["b"] = "10"
            writer.add(
                "train",
                np.arange(-index, 10 * index + 1).astype("int16"),
                labels,
                file=f"é,{index}.wav",
                start_s=0.25,
                group=f"g{index}",
            )
        writer.add("test", np.ones(5, "int16"), {"a": "x"})
    return path


def test_what_is_written_is_read_back(tmp_path):
    store = ClipStore(write(tmp_path / "store"))
    clips = store.examples("train")
    assert store.num_examples == {"train": 3, "test": 1}
    assert store.tasks == {"a": ["x", "y"], "b": ["1", "2", "10"]}
    assert len(clips) == 3
    for index in range(3):
        np.testing.assert_array_equal(
            clips[index], np.arange(-index, 10 * index + 1)
        )
    assert clips.labels["a"].tolist() == [0, 1, 0]
    assert clips.labels["b"].tolist() == [2, NO_LABEL, 2]
    assert clips.files.tolist() == ["é,0.wav", "é,1.wav", "é,2.wav"]
    assert clips.starts_s.tolist() == [0.25] * 3
    assert clips.groups.tolist() == ["g0", "g1", "g2"]


def test_samples_are_not_loaded_but_mapped(tmp_path):
    clips = ClipStore(write(tmp_path / "store")).examples("train")
    assert isinstance(clips.samples, np.memmap)


def test_a_split_that_was_damaged_is_told(tmp_path):
    for number, (name, damage) in enumerate(
        [
            ("train.pcm", lambda path: path.unlink()),
            ("train.pcm", lambda path: path.write_bytes(b"")),
            ("train.pcm", lambda path: path.write_bytes(b"\0" * 20)),
            ("train.pcm", lambda path: path.write_bytes(b"\0" * 21)),
            ("train.csv", lambda path: path.unlink()),
            ("train.csv", lambda path: path.write_text("")),
            ("train.csv", lambda path: path.write_text("offset,length\n0,")),
            (
                "train.csv",
                lambda path: path.write_text(path.read_text()[:-22]),
            ),
        ]
    ):
        path = write(tmp_path / str(number))
        damage(path / name)
        message = f"train split of the clip store {path} is damaged .*delete"
        with pytest.raises(UserError, match=message):
            ClipStore(path).examples("train")
        assert len(ClipStore(path).examples("test")) == 1


def test_a_failed_write_leaves_nothing_and_keeps_what_was_there(tmp_path):
    class Failure(Exception):
        pass

    def fail(path):
        with pytest.raises(Failure):
            with ClipStoreWriter.open(
                path,
                name="toy",
                tasks={"a": ["x", "y"]},
                sample_rate_hz=16000,
                fingerprint="",
                split_name="own",
            ) as writer:
                writer.add("train", np.ones(5, "int16"), {"a": "x"})
                raise Failure

    fail(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / "store")
    fail(tmp_path / "store")
    assert ClipStore(tmp_path / "store").num_examples["train"] == 3
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_a_store_without_its_last_file_is_no_store(tmp_path):
    write(tmp_path / "store")
    (tmp_path / "store" / "store.json").unlink()
    with pytest.raises(UserError, match="is not a clip store"):
        ClipStore(tmp_path / "store")


def test_another_format_is_refused(tmp_path):
    path = write(tmp_path / "store") / "store.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 0}))
    with pytest.raises(UserError, match="format 0, not 1"):
        ClipStore(tmp_path / "store")


def test_an_absent_split_is_named_with_those_there(tmp_path):
    with pytest.raises(UserError, match="no validation split.*train, test"):
        ClipStore(write(tmp_path / "store")).examples("validation")


@pytest.mark.parametrize(
    "samples", [np.ones(3), np.ones((2, 2), "int16"), np.ones(0, "int16")]
)
def test_samples_that_are_not_16_bit_mono_are_refused(samples, tmp_path):
    # TFDS stores a float array as silent zeros; ours does not.
    with pytest.raises(ValueError, match="must be int16 of shape"):
        with ClipStoreWriter.open(
            tmp_path / "store",
            name="toy",
            tasks={"a": ["x", "y"]},
            sample_rate_hz=16000,
            fingerprint="",
            split_name="own",
        ) as writer:
            writer.add("train", samples, {"a": "x"})
