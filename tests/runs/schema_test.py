"""Models that other versions of this package saved."""

import json
import pathlib
import zipfile

import numpy as np
import pytest

from audio_diffstride import AudioClassifier, TimeFrequencyEncoder
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.errors import UserError
from audio_diffstride.models import schema
from audio_diffstride.runs import model_files
from tests.support.synthetic import tone

STORED = pathlib.Path(__file__).parent / "stored"


@pytest.mark.parametrize("number", [3, -1, "1", None])
def test_a_file_of_a_later_version_is_reported(number, tmp_path):
    path = tmp_path / "best.keras"
    with (
        zipfile.ZipFile(STORED / "schema0.keras") as source,
        zipfile.ZipFile(path, "w") as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                config = json.loads(content)
                config["config"]["schema"] = number
                content = json.dumps(config)
            target.writestr(name, content)
    with pytest.raises(UserError) as error:
        model_files.load(path)
    sentence = str(error.value)
    assert f"is of the schema {number!r}, and this version of" in sentence
    assert "install the version that trained it" in sentence


def test_a_stored_file_of_schema_0_is_the_model_it_was():
    with zipfile.ZipFile(STORED / "schema0.keras") as archive:
        assert b"schema" not in archive.read("config.json")
    model = model_files.load(STORED / "schema0.keras")
    logits = model(tone(440, 0.4)[None])
    expected = json.loads((STORED / "schema0.json").read_text("utf-8"))
    assert {*logits} == {*expected}
    for task, values in expected.items():
        np.testing.assert_allclose(logits[task][0], values, atol=1e-3)


def saved(path, **arguments):
    encoder = TimeFrequencyEncoder(width=0.01)
    model = AudioClassifier({"a": 2, "b": 2}, encoder=encoder, **arguments)
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))["config"]


def test_what_is_saved_now_has_the_number_that_it_needs(tmp_path):
    path = tmp_path / "now.keras"
    config = saved(path)
    assert config["schema"] == 1
    assert "several_labels" not in config
    config = saved(path, several_labels=["b"])
    assert config["schema"] == schema.SCHEMA
    assert model_files.load(path).kinds == {"a": ONE_LABEL, "b": SEVERAL_LABELS}


@pytest.mark.parametrize("several", [["c"], "b", [1]])
def test_damaged_kinds_are_reported(several, tmp_path):
    saved(tmp_path / "was.keras", several_labels=["b"])
    with (
        zipfile.ZipFile(tmp_path / "was.keras") as source,
        zipfile.ZipFile(tmp_path / "now.keras", "w") as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "config.json":
                config = json.loads(content)
                config["config"]["several_labels"] = several
                content = json.dumps(config)
            target.writestr(name, content)
    with pytest.raises(UserError, match="damaged: its several_labels are"):
        model_files.load(tmp_path / "now.keras")


def test_one_class_is_enough_where_there_may_be_none():
    for arguments in ({}, {"several_labels": ["c"]}):
        with pytest.raises(ValueError, match="Received"):
            AudioClassifier({"a": 1, "b": 2}, **arguments)
    AudioClassifier({"a": 1, "b": 2}, several_labels=["a"])
