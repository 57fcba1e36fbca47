"""Background recordings: which are found, and what is reported before a run."""

import pathlib

import numpy as np
import pytest
import soundfile

from audio_diffstride import training
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import background, planned_data
from audio_diffstride.training import batches
from tests.support.eager import eagerly
from tests.support.synthetic import tiny_config, tone, write_csv, write_store


@pytest.fixture
def folder(tmp_path):
    """Recordings at two depths, one at another rate, and a text."""
    sounds = tmp_path / "noises"
    for name, rate_hz in (("a.wav", 16000), ("deep/er/b.flac", 8000)):
        path = sounds / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone(440, 0.5, rate_hz), rate_hz)
    (sounds / "notes.txt").write_text("no sound")
    return sounds


def config_with(path, tmp_path, **fields):
    config = tiny_config()
    config.data.store_dir = str(tmp_path / "stores")
    config.augmentation.background = str(path)
    config.augmentation.background_share = 1.0
    config.augmentation.update(fields)
    return config


def test_a_folder_of_any_depth_is_prepared_once(folder, tmp_path, monkeypatch):
    config = config_with(folder, tmp_path)
    store = background.prepare(config)
    clips = store.examples("train")
    assert clips.files.tolist() == ["a.wav", "deep/er/b.flac"]
    assert clips.lengths.tolist() == [8000, 8000]  # both at 16 kHz now
    assert store.tasks == {} and store.sample_rate_hz == 16000
    written = (store.path / "store.json").stat().st_mtime_ns
    again = background.prepare(config)
    assert again.path == store.path
    assert (store.path / "store.json").stat().st_mtime_ns == written
    soundfile.write(folder / "a.wav", tone(880, 0.25), 16000)
    assert background.prepare(config).fingerprint != store.fingerprint


def test_a_csv_lists_files_relative_to_it(folder, tmp_path):
    rows = [{"place": "street", "path": "deep/er/b.flac"}]
    table = write_csv(folder / "list.csv", rows)
    store = background.prepare(config_with(table, tmp_path))
    assert store.examples("train").files.tolist() == ["deep/er/b.flac"]


def test_without_a_background_nothing_is_prepared(tmp_path):
    assert background.prepare(tiny_config()) is None
    background.check(tiny_config())


def no_file(folder):
    return write_csv(folder / "list.csv", [{"path": "gone.wav"}])


def no_name(folder):
    return write_csv(folder / "list.csv", [{"path": "a.wav"}, {"path": ""}])


def no_column(folder):
    return write_csv(folder / "list.csv", [{"file": "a.wav"}])


def no_sound(folder):
    (folder / "empty").mkdir()
    return folder / "empty"


def no_folder(folder):
    return folder / "nowhere"


@pytest.mark.parametrize(
    "make, message",
    [
        (no_file, "gone.wav cannot be read: No such file"),
        (no_name, "list.csv, row 3: 'path' names no file; give"),
        (no_column, "list.csv has no column path, but is the augmentation.ba"),
        (no_sound, "background is .*empty, which has no recordings; give"),
        (no_folder, "background is .*nowhere, which does not exist; give"),
    ],
)
def test_what_is_missing_is_told_before_a_run_and_before_a_sweep(
    make, message, folder, tmp_path
):
    config = config_with(make(folder), tmp_path)
    store = write_store(tmp_path / "store")
    with pytest.raises(UserError, match=message) as error:
        training.train(config, tmp_path / "run", [store])
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run").exists()
    with pytest.raises(UserError, match=f"run 1: .*{message}"):
        planned_data.check([("run 1", config)])


def test_a_broken_file_is_told_before_a_run_or_left_out(
    folder, tmp_path, capsys
):
    pathlib.Path(folder / "broken.wav").write_bytes(b"RIFF")
    config = config_with(folder, tmp_path)
    with pytest.raises(UserError, match="1 of 3 recordings cannot be used"):
        batches.training_examples(config, [write_store(tmp_path / "store")])
    config.data.skip_bad_files = True
    assert len(background.prepare(config).examples("train")) == 2
    assert "left out: " in capsys.readouterr().err


def test_a_run_does_not_resume_with_another_background(folder, tmp_path):
    config = config_with(folder, tmp_path)
    store = write_store(tmp_path / "store")
    with eagerly():
        training.train(config, tmp_path / "run", [store])
    soundfile.write(folder / "a.wav", tone(880, 0.25), 16000)
    with pytest.raises(UserError, match="on other data: .*noises has changed"):
        training.train(config, tmp_path / "run", [store])


def test_a_config_mixes_it_into_its_share_of_the_windows(folder, tmp_path):
    store = write_store(tmp_path / "store")
    plain = batches.training_examples(tiny_config(), [store])[0][0]
    config = config_with(folder, tmp_path, background_snr_db=(6, 6))
    noisy = batches.training_examples(config, [store])[0][0].astype(float)
    added = noisy - plain
    level = [np.sqrt(np.mean(part**2.0)) for part in (plain, added)]
    assert 20 * np.log10(level[0] / level[1]) == pytest.approx(6, abs=0.5)
    config.augmentation.background_share = 0.0
    same = batches.training_examples(config, [store])[0][0]
    np.testing.assert_array_equal(same, plain)
