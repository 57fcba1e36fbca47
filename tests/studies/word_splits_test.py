"""The manifest of spoken words has the official splits."""

import csv

import pytest

from audio_diffstride.errors import UserError
from studies import word_splits

# Speakers of Speech Commands, and where the official lists have them.
SPLITS = {"eb67fcbc": "train", "a69b9b3e": "validation", "bb05582b": "test"}


def test_a_manifest_has_the_splits_of_the_official_lists(tmp_path, monkeypatch):
    for word in ("yes", "bed"):
        (tmp_path / word).mkdir()
        for speaker in SPLITS:
            (tmp_path / word / f"{speaker}_nohash_0.wav").touch()
    (tmp_path / "bed" / "notes.txt").touch()
    (tmp_path / "_background_noise_").mkdir()
    (tmp_path / "_background_noise_" / "white_noise.wav").touch()
    output = tmp_path / "manifest.csv"
    flags = ["word_splits", str(tmp_path), str(output)]
    monkeypatch.setattr("sys.argv", flags)
    word_splits.main()
    with open(output, newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [
        (f"{word}/{speaker}_nohash_0.wav", word, speaker, SPLITS[speaker])
        for word in ("bed", "yes")
        for speaker in sorted(SPLITS)
    ]


def test_a_folder_without_words_is_refused(tmp_path):
    with pytest.raises(UserError, match="has no recordings of words"):
        word_splits.rows(tmp_path)
