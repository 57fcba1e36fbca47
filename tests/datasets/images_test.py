"""The store of images, and the one place that opens a store of any kind."""

import json

import numpy as np
import pytest

from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.datasets.images import ImageStore, ImageStoreWriter
from audio_diffstride.datasets.kinds import NO_LABEL
from audio_diffstride.datasets.opening import open_store
from audio_diffstride.errors import UserError
from tests.support.synthetic import write_store

SHAPE = (3, 4, 3)


def pixels(number):
    rng = np.random.default_rng(number)
    return rng.integers(0, 256, SHAPE).astype(np.uint8)


def write(path, **about):
    about = {"image_shape": list(SHAPE), "may_mirror": True, **about}
    with ImageStoreWriter.open(
        path,
        name="toy",
        tasks={"a": ["x", "y"], "b": ["1", "2"]},
        fingerprint="f" * 64,
        split_name="own",
        **about,
    ) as writer:
        for number in range(3):
            labels = {"a": "xy"[number % 2]}
            if number:
                labels["b"] = "2"
            writer.add("train", pixels(number), labels, f"é,{number}", "g")
        writer.add("test", pixels(9), {"a": "x"})
    return path


def test_what_is_written_is_read_back(tmp_path):
    store = open_store(write(tmp_path / "store"))
    images = store.examples("train")
    assert isinstance(store, ImageStore)
    assert store.num_examples == {"train": 3, "test": 1}
    assert store.image_shape == [3, 4, 3]
    for number in range(3):
        np.testing.assert_array_equal(images[number], pixels(number))
    assert images.labels["a"].tolist() == [0, 1, 0]
    assert images.labels["b"].tolist() == [NO_LABEL, 1, 1]
    assert images.files.tolist() == ["é,0", "é,1", "é,2"]
    assert images.groups.tolist() == ["g"] * 3
    assert isinstance(images.pixels.base, np.memmap)  # mapped, not loaded
    assert list(store.only(["b"]).examples("test").labels) == ["b"]


@pytest.mark.parametrize("size", [0, 35, 36, 107])
def test_a_split_that_was_cut_is_told(size, tmp_path):
    path = write(tmp_path / "store")
    (path / "train.pixels").write_bytes(bytes(size))
    message = f"train split of the image store {path} is damaged .*delete"
    with pytest.raises(UserError, match=message):
        open_store(path).examples("train")
    assert len(open_store(path).examples("test")) == 1


def test_each_kind_is_opened_as_what_it_is(tmp_path):
    images, clips = tmp_path / "images", tmp_path / "clips"
    write(images)
    write_store(clips)
    assert isinstance(open_store(clips), ClipStore)
    with pytest.raises(UserError, match="holds images, where clips are needed"):
        ClipStore(images)
    # As they were written before there were images.
    content = json.loads((clips / "store.json").read_text())
    assert content.pop("holds") == "clips"
    (clips / "store.json").write_text(json.dumps(content))
    assert open_store(clips).examples("test").lengths[0] == 8000
    content["holds"] = "films"
    (clips / "store.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="holds 'films', and this version"):
        open_store(clips)


@pytest.mark.parametrize(
    "wrong", [np.ones(SHAPE), np.ones((4, 3, 3), "uint8"), np.ones(3, "uint8")]
)
def test_pixels_that_are_not_of_the_store_are_refused(wrong, tmp_path):
    with pytest.raises(ValueError, match=r"must be uint8 of shape \(3, 4, 3\)"):
        with ImageStoreWriter.open(
            tmp_path / "store",
            name="toy",
            tasks={"a": ["x", "y"]},
            image_shape=list(SHAPE),
            may_mirror=True,
            fingerprint="",
            split_name="own",
        ) as writer:
            writer.add("train", wrong, {"a": "x"})
    assert not (tmp_path / "store").exists()


def test_a_store_lacks_none_of_its_attributes(tmp_path):
    with pytest.raises(TypeError, match="image_shape.*sample_rate_hz"):
        write(tmp_path / "store", sample_rate_hz=16000)
