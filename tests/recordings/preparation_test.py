"""Own recordings become a clip store."""

import json
import os

import numpy as np
import pytest
import soundfile

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import preparation
from tests.support.synthetic import tone, write_csv, write_folder


def test_the_store_holds_the_samples_of_every_file(tmp_path):
    folder = write_folder(tmp_path / "own", takes=10, rate_hz=8000)
    store = preparation.prepare(folder, store_dir=tmp_path / "stores")
    assert store.tasks == {"label": ["high", "low"]}
    assert store.num_examples == {"train": 16, "validation": 2, "test": 2}
    for split in store.num_examples:
        clips = store.examples(split)
        for index, file in enumerate(clips.files):
            expected = read_audio(folder / file)
            np.testing.assert_array_equal(clips[index], expected)
            name = store.tasks["label"][clips.labels["label"][index]]
            assert file.startswith(name)


def test_segments_of_a_csv_become_clips(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(440, 3.0), 16000)
    rows = [
        {"path": "a.wav", "start_s": i / 10, "end_s": i / 10 + 0.5,
         "split": ("train", "validation", "test")[i % 3], "kind": i % 2}
        for i in range(12)
    ]  # fmt: skip
    path = write_csv(tmp_path / "m.csv", rows)
    store = preparation.prepare(path, store_dir=tmp_path / "stores")
    clips = store.examples("test")
    whole = read_audio(tmp_path / "a.wav")
    assert clips.starts_s == pytest.approx([0.2, 0.5, 0.8, 1.1])
    for index, start_s in enumerate(clips.starts_s):
        begin = round(start_s * 16000)
        np.testing.assert_array_equal(clips[index], whole[begin : begin + 8000])


def test_a_store_is_made_once_and_again_when_a_file_changes(tmp_path):
    folder = write_folder(tmp_path / "own")
    first = preparation.prepare(folder, store_dir=tmp_path / "stores")
    made = os.stat(first.path / "store.json").st_mtime_ns
    again = preparation.prepare(folder, store_dir=tmp_path / "stores")
    assert again.path == first.path
    assert os.stat(again.path / "store.json").st_mtime_ns == made
    soundfile.write(folder / "low" / "0.wav", tone(200), 16000)
    changed = preparation.prepare(folder, store_dir=tmp_path / "stores")
    assert changed.path != first.path


def test_files_that_cannot_be_used_stop_it_unless_they_are_skipped(
    tmp_path, capsys
):
    folder = write_folder(tmp_path / "own")
    (folder / "low" / "0.wav").write_text("no audio")
    with pytest.raises(UserError, match="1 of 24 recordings.*low/0.wav"):
        preparation.prepare(folder, store_dir=tmp_path / "stores")
    assert list((tmp_path / "stores").iterdir()) == []
    store = preparation.prepare(
        folder, store_dir=tmp_path / "stores", skip_bad_files=True
    )
    assert sum(store.num_examples.values()) == 23
    assert "left out" in capsys.readouterr().err
    assert store.sources["left_out"] == [
        {
            "file": "low/0.wav",
            "reason": "cannot be read as audio: Format not recognised",
        }
    ]
    again = ClipStore(store.path)
    assert again.sources == store.sources


def test_the_store_knows_the_rates_of_its_files_once_each(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(440, 3.0, 44100), 44100)
    soundfile.write(tmp_path / "b.wav", tone(440, 3.0, 8000), 8000)
    rows = [
        {"path": f"{'ab'[i % 2]}.wav", "start_s": i / 10, "end_s": i / 10 + 0.5,
         "split": ("train", "validation", "test")[i % 3], "kind": i % 2}
        for i in range(12)
    ]  # fmt: skip
    path = write_csv(tmp_path / "m.csv", rows)
    store = preparation.prepare(path, store_dir=tmp_path / "stores")
    assert store.sources == {
        "left_out": [],
        "sample_rates_hz": {"44100": 1, "8000": 1},
    }


def test_a_store_of_an_earlier_version_opens(tmp_path):
    folder = write_folder(tmp_path / "own")
    store = preparation.prepare(folder, store_dir=tmp_path / "stores")
    path = store.path / "store.json"
    content = json.loads(path.read_text())
    del content["sources"]
    path.write_text(json.dumps(content))
    again = preparation.prepare(folder, store_dir=tmp_path / "stores")
    assert (again.path, again.sources) == (store.path, {})
    assert again.num_examples == store.num_examples


def test_a_name_that_is_no_text_is_left_out_as_text(tmp_path):
    folder = write_folder(tmp_path / "own")
    try:
        (folder / "low" / "\udcff.wav").write_text("no audio")
    except OSError:
        pytest.skip("this file system holds text only")
    store = preparation.prepare(
        folder, store_dir=tmp_path / "stores", skip_bad_files=True
    )
    (left_out,) = store.sources["left_out"]
    assert left_out["file"] == "low/\\udcff.wav"
    json.dumps(store.sources, ensure_ascii=False).encode()


def test_a_missing_file_is_named(tmp_path):
    rows = [{"path": f"{i}.wav", "a": i % 2} for i in range(9)]
    path = write_csv(tmp_path / "m.csv", rows)
    with pytest.raises(UserError, match="0.wav cannot be read: No such file"):
        preparation.prepare(path, store_dir=tmp_path)
