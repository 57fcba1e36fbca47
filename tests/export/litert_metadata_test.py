"""The metadata of a LiteRT file, and the digest of the model before it."""

import json
import zipfile

import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.export import metadata, runtimes

ABOUT = {
    "schema": 1,
    "format": "litert",
    "tasks": {"bird": ["wren", "robin"]},
    "sample_rate_hz": 16000,
    "window_samples": 6400,
    "band_hz": [60.0, 7800.0],
}
CHANGED = "its model is not what was written; export the model again"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.tflite"
    path.write_bytes(bytes(1000))
    metadata.append_to_litert(path, ABOUT)
    return path


def test_it_is_what_was_appended(path):
    assert metadata.read_litert(path) == ABOUT
    with zipfile.ZipFile(path) as archive:
        written = json.loads(archive.read(metadata.MEMBER))
    assert written[metadata.MODEL]["bytes"] == 1000


@pytest.mark.parametrize("position", [0, 500, 999])
def test_a_model_with_a_changed_bit_is_never_run(path, position, monkeypatch):
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    monkeypatch.setattr(interpreter, "Interpreter", pytest.fail)
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=CHANGED):
        runtimes.ExportedModel(path)


@pytest.mark.parametrize(
    "digest", [3, {}, {"bytes": 0, "sha256": "a"}, {"bytes": 1 << 61}]
)
def test_a_digest_that_is_none_is_reported(path, digest):
    content = json.dumps(ABOUT | {metadata.MODEL: digest})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(metadata.MEMBER, content)
    with pytest.raises(UserError, match=CHANGED):
        metadata.read_litert(path)


def test_files_of_earlier_versions_are_read(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(metadata.MEMBER, json.dumps(ABOUT))
    assert metadata.read_litert(path) == ABOUT
