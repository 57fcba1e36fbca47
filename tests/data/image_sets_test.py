"""Named data sets of images, through TFDS to their stores."""

import dataclasses

import numpy as np
import pytest
import tensorflow_datasets as tfds

from audio_diffstride.datasets.opening import open_store
from audio_diffstride.errors import UserError
from data import catalogue, contents, prepare, tfds_building
from data.digits import digits_dataset_builder as digits


def pixels(number, size):
    rng = np.random.default_rng(number)
    return rng.integers(0, 256, (*size, 3)).astype(np.uint8)


class Toy(tfds.core.GeneratorBasedBuilder):
    """What TFDS's own builders give, of a few images."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        of_photos = self.name == "toy_photos"
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "file_name" if of_photos else "id": tfds.features.Text(),
                    "image": tfds.features.Image(
                        shape=(None, None, 3) if of_photos else (32, 32, 3),
                        encoding_format="png",
                    ),
                    "label": tfds.features.ClassLabel(names=["x", "y"]),
                }
            )
        )

    def _split_generators(self, dl_manager):
        test = "validation" if self.name == "toy_photos" else "test"
        return {
            "train": self._generate_examples("train", 30),
            test: self._generate_examples("test", 5),
        }

    def _generate_examples(self, split, count):
        name, size = "id", (32, 32)
        if self.name == "toy_photos":
            name, size = "file_name", (20, 12)
        for number in range(count):
            key = f"{split}_{number}"
            yield (
                key,
                {
                    name: key,
                    "image": pixels(number, size),
                    "label": number % 2,
                },
            )


class ToyPhotos(Toy):
    """The same with images of other sizes."""


def prepare_toy(name, builder, folder, monkeypatch, **changes):
    monkeypatch.setattr(
        tfds_building,
        "make_builder",
        lambda dataset, data_dir: builder(
            data_dir=data_dir, file_format="array_record"
        ),
    )
    dataset = dataclasses.replace(catalogue.find(name), by_hand=(), **changes)
    monkeypatch.setitem(catalogue.DATASETS, name, dataset)
    return prepare.prepare(name, store_dir=folder)


def test_cifar_is_stored_as_it_is(tmp_path, monkeypatch):
    store = prepare_toy("cifar10", Toy, tmp_path, monkeypatch)
    assert store.tasks == {"object": ["x", "y"]}
    assert (store.image_shape, store.may_mirror) == ([32, 32, 3], True)
    counts = store.num_examples
    assert counts["test"] == 5 and sum(counts.values()) == 35
    assert 0 < counts["validation"] < 10
    for split in counts:
        images = store.examples(split)
        for index, file in enumerate(images.files):
            number = int(file.split("_")[1])
            np.testing.assert_array_equal(
                images[index], pixels(number, (32, 32))
            )
            assert images.labels["object"][index] == number % 2


def test_photos_are_scaled_and_their_centre_stored(tmp_path, monkeypatch):
    content = contents.ImageContent((12, 12, 3), may_mirror=True, num_images=35)
    store = prepare_toy(
        "imagenet2012", ToyPhotos, tmp_path, monkeypatch, content=content
    )
    images = store.examples("test")
    assert store.image_shape == [12, 12, 3]
    for index, file in enumerate(images.files):
        whole = pixels(int(file.split("_")[1]), (20, 12))
        np.testing.assert_array_equal(images[index], whole[4:16])


def test_the_digits_are_scikit_learns(tmp_path):
    from sklearn import datasets

    store = prepare.prepare("digits", store_dir=tmp_path)
    _, rule = catalogue.find("digits").rule("")
    assert store.num_examples == rule.counts
    assert sum(rule.counts.values()) == digits.NUM_IMAGES
    assert (store.image_shape, store.may_mirror) == ([8, 8, 1], False)
    expected = datasets.load_digits()
    seen = set()
    for split in store.num_examples:
        images = store.examples(split)
        for index, file in enumerate(images.files):
            digit, number = map(int, file.split("_"))
            assert digit == expected.target[number]
            assert digit == images.labels["digit"][index]
            np.testing.assert_allclose(
                images[index][..., 0] * (16 / 255),
                expected.images[number],
                atol=0.04,
            )
            seen.add(number)
    assert len(seen) == digits.NUM_IMAGES
    assert open_store(store.path).fingerprint == store.fingerprint


def test_grey_among_photos_becomes_colour_and_nonsense_is_told():
    photos = contents.ImageContent((4, 4, 3), may_mirror=True, num_images=1)
    grey = np.full((4, 4, 1), 7, np.uint8)
    assert (photos.convert(grey, None, "a.jpg") == np.full((4, 4, 3), 7)).all()
    for wrong in (grey[..., 0], np.zeros((4, 4, 4), np.uint8)):
        with pytest.raises(UserError, match=r"a.jpg is of shape .*damaged"):
            photos.convert(wrong, None, "a.jpg")


def test_imagenet_asks_for_its_archives_and_its_room(tmp_path, monkeypatch):
    import shutil

    names = "ILSVRC2012_img_train.tar and ILSVRC2012_img_val.tar"
    with pytest.raises(UserError, match=f"fetch {names} yourself"):
        prepare.prepare("imagenet2012", store_dir=tmp_path)
    (tmp_path / "ILSVRC2012_img_train.tar").write_bytes(b"")
    with pytest.raises(UserError, match="fetch ILSVRC2012_img_val.tar your"):
        prepare.prepare("imagenet2012", "", tmp_path, tmp_path)
    (tmp_path / "ILSVRC2012_img_val.tar").write_bytes(b"")
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 9)
    )
    with pytest.raises(UserError, match="261.7 GB of images in the store, 0"):
        prepare.prepare("imagenet2012", "", tmp_path, tmp_path)
