"""Models that other versions of this package saved."""

import json
import pathlib
import zipfile

import numpy as np
import pytest

from audio_diffstride import AudioClassifier, TimeFrequencyEncoder
from audio_diffstride.errors import UserError
from audio_diffstride.models import schema
from audio_diffstride.runs import model_files
from tests.support.synthetic import tone

STORED = pathlib.Path(__file__).parent / "stored"


@pytest.mark.parametrize("number", [2, -1, "1", None])
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


def test_what_is_saved_now_has_the_number(tmp_path):
    model = AudioClassifier({"a": 2}, encoder=TimeFrequencyEncoder(width=0.01))
    model.save(tmp_path / "now.keras")
    with zipfile.ZipFile(tmp_path / "now.keras") as archive:
        config = json.loads(archive.read("config.json"))
    assert config["config"]["schema"] == schema.SCHEMA
