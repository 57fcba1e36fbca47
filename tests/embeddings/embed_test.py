"""`embed`: the vectors of `Run.embed`, resumed to the same bytes."""

import csv
import hashlib
import json

import numpy as np
import pyarrow.parquet
import pytest

from audio_diffstride import __version__, load_run
from audio_diffstride.__main__ import call
from audio_diffstride.embeddings import embedding
from audio_diffstride.errors import UserError
from tests.support.predicted import contents, write_recordings, write_workdir

pytestmark = pytest.mark.usefixtures("eager_forward")

HOP = ["--hop_s", "0.25"]


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    return write_workdir(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return write_recordings(tmp_path_factory.mktemp("recordings"))


def embed(workdir, recordings, output):
    """The exit status of the command."""
    words = [recordings, *HOP, "--workdir", workdir, "--output", output]
    return call("embed", list(map(str, words)))


@pytest.fixture(scope="module")
def whole(workdir, recordings, tmp_path_factory):
    """The folder of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    assert embed(workdir, recordings, folder / "o.parquet") == 1
    return folder


def test_the_vectors_are_those_of_a_run_as_an_object(
    workdir, recordings, whole
):
    rows = pyarrow.parquet.read_table(whole / "o.parquet").to_pylist()
    run = load_run(workdir)
    files = list(dict.fromkeys(row["file"] for row in rows))
    assert files == [
        str(recordings / name) for name in ("a.wav", "b/a.wav", "b/long.wav")
    ]
    for file in files:
        mine = [row for row in rows if row["file"] == file]
        vectors = run.embed(file, hop_s=0.25)
        assert np.ptp(vectors) > 0
        np.testing.assert_array_equal(
            np.float32([row["embedding"] for row in mine]), vectors
        )
        found = run.predict(file, hop_s=0.25)
        for name in ("start_s", "end_s"):
            times = [row[name] for row in mine]
            np.testing.assert_array_equal(times, getattr(found, name))
        padded = [window.padded for window in found.windows]
        assert [row["padded"] for row in mine] == padded


def test_the_table_says_of_which_model_it_is(workdir, whole):
    metadata = pyarrow.parquet.read_schema(whole / "o.parquet").metadata
    digest = hashlib.sha256((workdir / "best.keras").read_bytes()).hexdigest()
    assert json.loads(metadata[b"audio_diffstride"]) == {
        "audio_diffstride": __version__,
        "model_sha256": digest,
        "window_s": 0.4,
        "hop_s": 0.25,
    }


def test_what_cannot_be_read_is_listed(recordings, whole):
    with open(whole / "o.parquet.errors.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["file"] == str(recordings / "b" / "broken.wav")
    assert not (whole / "o.parquet.partial").exists()


class Killed(BaseException):
    """What no part of the program catches."""


@pytest.mark.parametrize(
    "num_rows", [2, pytest.param(20, marks=pytest.mark.slow)]
)
def test_an_interrupted_run_resumes_to_the_same_bytes(
    num_rows, workdir, recordings, whole, tmp_path, monkeypatch
):
    rows = embedding.Embedding.rows
    left = num_rows
    embedded = []

    def killed(self, path, report_seconds):
        nonlocal left
        for row in rows(self, path, report_seconds):
            left -= 1
            if left < 0:
                raise Killed
            yield row

    def recorded(self, path, report_seconds):
        embedded.append(path)
        return rows(self, path, report_seconds)

    output = tmp_path / "o.parquet"
    with monkeypatch.context() as patch:
        patch.setattr(embedding.Embedding, "rows", killed)
        with pytest.raises(Killed):
            embed(workdir, recordings, output)
    assert not output.exists()
    monkeypatch.setattr(embedding.Embedding, "rows", recorded)
    assert embed(workdir, recordings, output) == 1
    assert contents(tmp_path) == contents(whole)
    assert (str(recordings / "a.wav") in embedded) == (num_rows < 4)


def test_an_embedding_that_is_no_number_is_an_error_of_its_recording(
    workdir, recordings, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        embedding, "_embedding", lambda window: np.float32([1, np.nan])
    )
    assert embed(workdir, recordings, tmp_path / "o.parquet") == 1
    errors = (tmp_path / "o.parquet.errors.csv").read_text()
    assert errors.count("the embedding at 0 s is not a finite number") == 3
    found = pyarrow.parquet.read_table(tmp_path / "o.parquet")
    assert found.num_rows == 0 and found.num_columns == 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.wav", "--output", "o"], "there is no model; give --workdir"),
        (["a.wav", "--workdir", "r", "--output", "."], "must end in a name"),
        (["nowhere", "--workdir", "r", "--output", "o"], "does not exist"),
        (["a.wav", "--model", "m.h5", "--output", "o"], "--model is m.h5"),
    ],
)
def test_a_mistake_is_one_sentence(words, message):
    with pytest.raises(UserError, match=message):
        call("embed", words)


def test_files_and_folders_at_the_output_are_kept(
    workdir, recordings, tmp_path
):
    with pytest.raises(UserError, match="is a folder; give the name of a fi"):
        embed(workdir, recordings, tmp_path)
    (tmp_path / "o").write_text("mine")
    with pytest.raises(UserError, match="o is there already; give another"):
        embed(workdir, recordings, tmp_path / "o")
    assert (tmp_path / "o").read_text() == "mine"
