"""The lists that the demo model learns from, and what packing leaves out."""

import csv
import hashlib
import json

import pytest

from studies import demo_lists, demo_model
from tests.support.synthetic import write_csv


@pytest.fixture
def recordings(tmp_path):
    """A few file names in the layout of each data set."""
    for name, rows in {
        "fsdd": [{"path": "a.wav", "digit": "0", "split": "test"}],
        "notes": [{"path": "b.flac", "pitch": "36", "split": "train"}],
        "esc10": [
            {"path": f"rain/{f}-{s}-A.ogg", "sound": "rain", "fold": f}
            for f, s in (("1", "77"), ("5", "88"))
        ],
    }.items():
        (tmp_path / name).mkdir()
        write_csv(tmp_path / name / "manifest.csv", rows)
    (tmp_path / "words" / "bed").mkdir(parents=True)
    for speaker in ("a69b9b3e", "00176480"):
        (tmp_path / "words" / "bed" / f"{speaker}_nohash_0.wav").touch()
    return tmp_path


def test_every_list_has_its_test_set(recordings, tmp_path):
    paths = demo_lists.write(recordings, tmp_path / "lists")
    assert [path.stem for path in paths] == [*demo_lists.NAMES]
    rows = {}
    for path in paths:
        with open(path, newline="") as file:
            rows[path.stem] = [*csv.DictReader(file)]
    assert rows["digits"][0]["path"] == str(recordings / "fsdd" / "a.wav")
    assert [
        (row["group"], row["split"], row["sound"]) for row in rows["sounds"]
    ] == [("77", "train", "rain"), ("88", "test", "rain")]
    assert "fold" not in rows["sounds"][0]
    words = {row["group"]: row for row in rows["words"]}
    assert words["a69b9b3e"]["split"] == "validation"  # as TensorFlow's rule
    assert {row["word"] for row in words.values()} == {"bed"}


def test_the_packed_config_and_scores_name_no_folder(tmp_path):
    config = {"data": {"path": "/x/digits.csv,/x/b.csv", "store_dir": "/x"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    packed = demo_model._config(tmp_path)["data"]
    assert packed["path"] == "digits.csv,words.csv,notes.csv,sounds.csv"
    assert packed["store_dir"].startswith("~")
    (tmp_path / "evaluation_test").mkdir()
    scores = {"tasks": {"digit": {"data": "/x/digits.csv", "accuracy": 1}}}
    (tmp_path / "evaluation_test" / "scores.json").write_text(
        json.dumps(scores)
    )
    of_digits = demo_model._scores(tmp_path)["tasks"]["digit"]
    assert of_digits == {"data": "digits.csv", "accuracy": 1}


def test_sums_are_those_of_sha256sum(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.txt").write_bytes(b"abc")
    demo_model._write_sums(tmp_path)
    digest = hashlib.sha256(b"abc").hexdigest()
    assert (tmp_path / "SHA256SUMS").read_text() == f"{digest}  b/c.txt\n"
