"""A class of another sample rate: from the check to the page."""

import json

import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.config import recipes
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import shortcut_file, sources
from audio_diffstride.report import shortcuts
from tests.support.synthetic import write_folder


@pytest.fixture
def folder(tmp_path):
    """The class low has 4 kHz of bandwidth, the class high 8 kHz."""
    folder = write_folder(tmp_path / "own", takes=20)
    for path in (folder / "low").iterdir():
        samples, rate_hz = soundfile.read(path)
        soundfile.write(path, samples[::2], rate_hz // 2)
    return folder


@pytest.fixture
def config(folder, tmp_path):
    config = recipes.recordings("small")
    config.data.path = str(folder)
    config.data.store_dir = str(tmp_path / "stores")
    return config


def test_check_names_it_and_trains_with_the_remedy(folder, capsys):
    assert call("check", [folder]) == 0
    lines = capsys.readouterr().out.splitlines()
    table = next(line for line in lines if line.startswith("  sample rate"))
    assert "100%" in table and "a shortcut" in table
    assert "high: 16,000 Hz against 8,000 Hz" in table
    (advice,) = (line for line in lines if line.startswith("  sample rate set"))
    assert "--config.front_end.max_hz=3800" in advice
    assert lines[-1] == (
        f"next: audio-diffstride train --data {folder} "
        "--config.front_end.max_hz=3800 --workdir runs/NAME"
    )


def test_training_and_evaluation_warn_until_the_config_has_the_remedy(
    config, capsys
):
    for _ in range(2):  # also where the store is there already
        sources.open_stores(config)
        warned = capsys.readouterr().err
        assert "warning: shortcut: the sample rate sets high of label" in warned
        assert f"audio-diffstride check {config.data.path}" in warned
    config.front_end.max_hz = 3800.0
    sources.open_stores(config)
    assert "shortcut" not in capsys.readouterr().err


def test_what_is_kept_is_what_was_found(config):
    (store,) = sources.open_stores(config)
    kept = shortcut_file.read(store.path)
    assert kept["label"].found
    shortcut_file.write(store.path, kept)
    assert shortcut_file.read(store.path) == kept


def test_a_store_of_an_earlier_version_is_examined_when_it_is_opened(config):
    (store,) = sources.open_stores(config)
    (store.path / shortcut_file.NAME).unlink()
    sources.open_stores(config)
    assert shortcut_file.read(store.path)["label"].found


@pytest.mark.parametrize("content", ["", "[]", '{"label": {"rows": 1}}'])
def test_a_damaged_file_is_named(content, config):
    (store,) = sources.open_stores(config)
    (store.path / shortcut_file.NAME).write_text(content)
    with pytest.raises(UserError, match="shortcuts.json is damaged.*delete"):
        sources.open_stores(config)


def test_the_page_has_the_same_numbers(config):
    (store,) = sources.open_stores(config)

    class Run:
        stores = [store]

        class model:
            tasks = {"label": 2}

    (described,) = shortcuts.describe(Run)
    kept = json.loads((store.path / shortcut_file.NAME).read_text())
    shares = [f"{row['share']:.0%}" for row in kept["label"]["rows"]]
    assert [row[-1] for row in described["rows"]] == shares
    assert described["advice"][0].startswith(("sample rate", "bandwidth"))
