"""What the commands say of Apache Beam, and work that is done twice."""

import importlib.util
import os

import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.predict import recordings
from audio_diffstride.predict.detections import Detection
from audio_diffstride.predict.journal import Journal
from audio_diffstride.recordings import beam_decoding, preparation
from tests.support.synthetic import tone, write_folder

PREDICT = ["a.wav", "--workdir", "run", "--output", "o.csv"]
RUN = {"--top": "1"}


@pytest.mark.parametrize(
    ("command", "arguments"),
    [("predict", PREDICT), ("prepare", ["own"])],
)
def test_without_beam_one_sentence_names_the_extra(
    command, arguments, monkeypatch
):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "apache_beam" else find_spec(name),
    )
    with pytest.raises(UserError, match=r"apache-beam .* 'audio-diff.*\[beam"):
        call(command, [*arguments, "--beam"])
    with pytest.raises(UserError, match="^--beam_options needs --beam"):
        call(command, [*arguments, "--beam_options=--runner=FlinkRunner"])


def test_a_check_takes_no_beam():
    with pytest.raises(UserError, match="there is no flag --beam"):
        call("check", ["own", "--beam"])


class FakePrediction:
    """A `Prediction` that needs no model."""

    def rows(self, path, report_seconds):
        report_seconds(0.5)
        if path.endswith("broken.wav"):
            raise UserError(f"{path} is broken")
        yield Detection(0.0, 0.5, False, 1, "a", "x", 0.25)


@pytest.mark.parametrize("name", ["a.wav", "broken.wav", "cut.wav"])
def test_a_recording_predicted_twice_leaves_the_same_files(name, tmp_path):
    path = tmp_path / name
    soundfile.write(path, tone(440), 16000)
    if name == "cut.wav":
        os.truncate(path, 8000)
    journal = Journal(tmp_path / "o.csv", Detection)

    def files():
        found = journal.folder.rglob("*.*")
        return {p: p.read_bytes() for p in found if p.is_file()}

    with journal.open(RUN):
        summary = recordings.predict_recording(
            0, str(path), FakePrediction(), journal
        )
        once = files()
        assert (
            recordings.predict_recording(
                0, str(path), FakePrediction(), journal
            )
            == summary
        )
        assert journal.summary(0) == summary
    assert files() == once
    told = recordings.warning(summary) or ""
    assert told.partition(":")[0] == {"b": "error", "c": "warning"}.get(
        name[0], ""
    )


def test_a_shard_decoded_twice_leaves_the_same_store(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "own", rate_hz=8000)
    (folder / "low" / "0.wav").write_text("no audio")

    def run(elements, start, pipeline_options):
        work = start()
        for element in elements:
            work(element)
            work(element)

    monkeypatch.setattr("audio_diffstride.backends.beam_jobs.run", run)
    monkeypatch.setattr(beam_decoding, "_SHARD_RECORDINGS", 5)
    stores = [
        preparation.prepare(
            folder,
            store_dir=tmp_path / name,
            skip_bad_files=True,
            pipeline_options=options,
        )
        for name, options in (("here", None), ("there", object()))
    ]
    here, there = (
        {p.name: p.read_bytes() for p in store.path.iterdir()}
        for store in stores
    )
    assert here == there and len(here) == 8
    assert list((tmp_path / "there").iterdir()) == [stores[1].path]


def test_shards_that_are_finished_are_not_decoded_again(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "own")
    monkeypatch.setattr(beam_decoding, "_SHARD_RECORDINGS", 5)
    numbers = []

    def die_at_the_third(elements, start, pipeline_options):
        for element in elements[:2]:
            start()(element)
            numbers.append(element[0])
        if len(numbers) == 2:
            raise UserError("killed")
        for element in elements[2:]:
            start()(element)
            numbers.append(element[0])

    monkeypatch.setattr(
        "audio_diffstride.backends.beam_jobs.run", die_at_the_third
    )
    arguments = {"store_dir": tmp_path / "s", "pipeline_options": object()}
    with pytest.raises(UserError, match="killed"):
        preparation.prepare(folder, **arguments)
    preparation.prepare(folder, **arguments)
    assert numbers == [0, 1, 2, 3, 4]


def test_a_damaged_shard_is_reported(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "own")

    def cut(elements, start, pipeline_options):
        start()(elements[0])
        (pcm,) = (tmp_path / "s").rglob("0.pcm")
        os.truncate(pcm, 100)

    monkeypatch.setattr("audio_diffstride.backends.beam_jobs.run", cut)
    with pytest.raises(UserError, match="0.pcm is damaged; delete .*decoded"):
        preparation.prepare(
            folder, store_dir=tmp_path / "s", pipeline_options=object()
        )
