"""Tests of the builder of Speech Commands with 35 words."""

import dataclasses
import pathlib
import tempfile

import numpy as np
import pytest
import tensorflow_datasets as tfds

from audio_diffstride.errors import UserError
from data.speech_commands35 import (
    speech_commands35_dataset_builder as speech_commands35,
)
from tests.support import archives as small

NAME = "speech_commands35"
OFFICIAL_NAME = "speech_commands_v0.02.tar.gz"
SILENCE = "_background_noise_/running_tap.wav"

# The hash puts eb67fcbc and f953e1af in the training split, a69b9b3e in the
# validation split and bb05582b in the test split.
RECORDINGS = {
    "bed/eb67fcbc_nohash_0.wav": small.noise(0),
    "bed/eb67fcbc_nohash_1.wav": small.noise(1, duration_s=0.2),
    "bed/a69b9b3e_nohash_0.wav": small.noise(2),
    "yes/f953e1af_nohash_0.wav": small.noise(3),
    "yes/bb05582b_nohash_0.wav": small.noise(4),
    "yes/bb05582b_nohash_3.wav": small.noise(5),
}
HASH_SPLITS = {
    "train": {
        "bed/eb67fcbc_nohash_0.wav",
        "bed/eb67fcbc_nohash_1.wav",
        "yes/f953e1af_nohash_0.wav",
    },
    "validation": {"bed/a69b9b3e_nohash_0.wav"},
    "test": {"yes/bb05582b_nohash_0.wav", "yes/bb05582b_nohash_3.wav"},
}
# As the official ones: in no order, and no newline at the end.
LISTS = {
    "./testing_list.txt": b"yes/f953e1af_nohash_0.wav\ntree/012_nohash_0.wav",
    "./validation_list.txt": (
        b"yes/bb05582b_nohash_3.wav\nbed/eb67fcbc_nohash_1.wav"
    ),
}
LIST_SPLITS = {
    "train": {
        "bed/eb67fcbc_nohash_0.wav",
        "bed/a69b9b3e_nohash_0.wav",
        "yes/bb05582b_nohash_0.wav",
    },
    "validation": {"yes/bb05582b_nohash_3.wav", "bed/eb67fcbc_nohash_1.wav"},
    "test": {"yes/f953e1af_nohash_0.wav"},
}


def files(recordings=RECORDINGS, folder="./", lists=()):
    """What is in an archive; the lists come last, after what they list."""
    packed = {folder + "README.md": b"Speech Commands"}
    for name, samples in recordings.items():
        packed[folder + name] = small.wav(samples)
    packed[folder + SILENCE] = small.wav(small.noise(9, duration_s=0.3))
    return packed | dict(lists)


def write(folder, packed, name=OFFICIAL_NAME):
    folder.mkdir(exist_ok=True)
    return small.write_tar_gz(folder / name, packed)


def prepare(tmp_path, packed):
    write(tmp_path / "manual", packed)
    return small.prepare(NAME, tmp_path / "data", tmp_path / "manual")


def names(splits):
    return {split: set(examples) for split, examples in splits.items()}


def test_the_lists_decide_the_splits_even_against_the_hash(tmp_path):
    assert names(prepare(tmp_path, files(lists=LISTS))) == LIST_SPLITS


def test_without_lists_the_hash_of_the_speaker_decides(tmp_path):
    assert names(prepare(tmp_path, files())) == HASH_SPLITS


@pytest.mark.parametrize(
    ("file_name", "split"),
    [
        # From the lists of version 0.02, all of whose entries agree; first
        # and last are those of the smallest and the largest hash.
        ("1942abd7_nohash_0.wav", "validation"),
        ("a69b9b3e_nohash_0.wav", "validation"),
        ("439c84f4_nohash_1.wav", "validation"),
        ("3bdf05d3_nohash_3.wav", "validation"),
        ("beb458a4_nohash_0.wav", "test"),
        ("bb05582b_nohash_3.wav", "test"),
        ("97f4c236_nohash_2.wav", "test"),
        ("5f449e17_nohash_0.wav", "test"),
        # In neither list.
        ("3824c00e_nohash_0.wav", "train"),
        ("eb67fcbc_nohash_0.wav", "train"),
        ("b7669804_nohash_1.wav", "train"),
    ],
)
def test_the_hash_agrees_with_the_official_lists(file_name, split):
    assert speech_commands35.split_by_hash(file_name) == split


def test_samples_words_and_speakers_are_the_archives(tmp_path):
    examples = {}
    for split in prepare(tmp_path, files()).values():
        examples |= split
    assert set(examples) == set(RECORDINGS)
    for name, samples in RECORDINGS.items():
        np.testing.assert_array_equal(examples[name]["audio"], samples)
        assert examples[name]["audio"].dtype == np.int16
        assert examples[name]["word"] == name.split("/")[0]
        assert examples[name]["group"] == name.split("/")[1][:8]


def test_a_part_of_the_words_keeps_all_35_classes(tmp_path):
    prepare(tmp_path, files())
    builder = tfds.builder(NAME, data_dir=tmp_path / "data")
    word = builder.info.features["word"]
    assert word.num_classes == 35
    assert (word.names[0], word.names[34]) == ("backward", "zero")
    labels = {
        int(example["word"])
        for example in builder.as_dataset(split="train").as_numpy_iterator()
    }
    assert labels == {word.str2int("bed"), word.str2int("yes")} == {1, 33}


def test_an_archive_packed_with_a_folder_around_the_words_is_read(tmp_path):
    lists = {f"mine/{name[2:]}": text for name, text in LISTS.items()}
    packed = files(folder="mine/", lists=lists)
    packed["mine/bed/._eb67fcbc_nohash_0.wav"] = b"AppleDouble"
    assert names(prepare(tmp_path, packed)) == LIST_SPLITS


def test_a_downloaded_archive_is_read(tmp_path, monkeypatch):
    path = write(tmp_path / "server", files(lists=LISTS))
    monkeypatch.setattr(
        speech_commands35,
        "ARCHIVE",
        dataclasses.replace(
            speech_commands35.ARCHIVE,
            url=str(path),
            num_bytes=path.stat().st_size,
        ),
    )
    assert names(small.prepare(NAME, tmp_path / "data", None)) == LIST_SPLITS


def test_the_checksum_is_that_of_the_archives_url():
    archive = speech_commands35.ARCHIVE
    known = speech_commands35.Builder.url_infos[archive.url]
    assert known.size == archive.num_bytes
    assert known.checksum.startswith("af14739ee7dc3114")
    assert known.filename == OFFICIAL_NAME


def test_a_missing_archive_is_named(tmp_path):
    write(tmp_path, files(), name="speech.tar.gz")
    with pytest.raises(UserError, match=r"speech_commands\*.tar.gz.* holds 0"):
        small.prepare(NAME, tmp_path / "data", tmp_path)


def test_two_candidates_are_an_error(tmp_path):
    write(tmp_path, files())
    write(tmp_path, files(), name="speech_commands_test_set_v0.02.tar.gz")
    with pytest.raises(UserError, match="must hold one file .* holds 2"):
        small.prepare(NAME, tmp_path / "data", tmp_path)


@pytest.mark.parametrize("missing", ["testing_list", "validation_list"])
def test_one_list_without_the_other_is_an_error(tmp_path, missing):
    lists = {k: v for k, v in LISTS.items() if missing not in k}
    with pytest.raises(UserError, match=f"lacks {missing}.txt"):
        prepare(tmp_path, files(lists=lists))


def test_a_folder_that_is_no_word_is_named(tmp_path):
    other = {"_silence_/eb67fcbc_nohash_0.wav": small.noise(7)}
    with pytest.raises(UserError, match="'_silence_' is none of the 35 words"):
        prepare(tmp_path, files(RECORDINGS | other))


def test_a_recording_outside_the_folders_is_named(tmp_path):
    other = {"eb67fcbc_nohash_0.wav": small.noise(7)}
    with pytest.raises(UserError, match="holds eb67fcbc_nohash_0.wav"):
        prepare(tmp_path, files(RECORDINGS | other))


def test_a_split_without_recordings_is_an_error(tmp_path):
    some = {k: v for k, v in RECORDINGS.items() if "a69b9b3e" not in k}
    with pytest.raises(UserError, match="no recording of the validation split"):
        prepare(tmp_path, files(some))


def test_a_recording_that_cannot_be_decoded_is_named(tmp_path):
    packed = files()
    packed["./yes/f953e1af_nohash_0.wav"] = b"RIFF, but not really"
    with pytest.raises(UserError, match="yes/f953e1af_nohash_0.wav in .*v0.02"):
        prepare(tmp_path, packed)


class TfdsTest(tfds.testing.DatasetBuilderTestCase):
    """TFDS's own checks, on an archive written for them."""

    DATASET_CLASS = speech_commands35.Builder
    SPLITS = {split: len(names) for split, names in LIST_SPLITS.items()}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.EXAMPLE_DIR = folder.name
        write(pathlib.Path(folder.name), files(lists=LISTS))
        super().setUpClass()
