"""Where a run's clip stores lie."""

import json

import pytest

from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.runs import run_stores
from tests.support.synthetic import write_store


def test_what_was_written_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_store("stores/a", fingerprint="1")
    run_stores.write("run", [ClipStore("stores/a")])
    monkeypatch.chdir("/")
    stores, problems = run_stores.find(tmp_path / "run")
    assert [store.path for store in stores] == [tmp_path / "stores" / "a"]
    assert problems == []
    (entry,) = json.loads((tmp_path / "run" / "stores.json").read_text())
    assert entry["name"] == "two" and entry["fingerprint"] == "1"


def test_a_store_that_is_gone_or_changed_is_reported(tmp_path):
    store = write_store(tmp_path / "a", fingerprint="1")
    run_stores.write(tmp_path, [store])
    (tmp_path / "a").rename(tmp_path / "moved")
    stores, problems = run_stores.find(tmp_path)
    assert stores == [] and "is not a clip store" in problems[0]
    stores, problems = run_stores.find(tmp_path, [tmp_path / "moved"])
    assert len(stores) == 1 and problems == []
    write_store(tmp_path / "a", fingerprint="2")
    stores, problems = run_stores.find(tmp_path)
    assert stores == [] and "has changed since the training" in problems[0]
    stores, problems = run_stores.find(tmp_path, [tmp_path / "a"])
    assert stores == [] and "not what this run was trained on" in problems[0]


def test_a_run_older_than_the_file_asks_for_the_stores(tmp_path):
    stores, problems = run_stores.find(tmp_path)
    assert stores == [] and "--store PATH" in problems[0]
    write_store(tmp_path / "a")
    stores, problems = run_stores.find(tmp_path, [tmp_path / "a"])
    assert len(stores) == 1 and problems == []


def test_a_damaged_file_is_reported(tmp_path):
    (tmp_path / "stores.json").write_text("{")
    with pytest.raises(UserError, match="stores.json is damaged"):
        run_stores.find(tmp_path)


def test_a_store_that_is_another_now_is_named(tmp_path):
    then = write_store(tmp_path / "then", fingerprint="1")
    now = write_store(tmp_path / "now", fingerprint="2")
    run_stores.write(tmp_path, [then])
    assert run_stores.find_changed(tmp_path, [then]) == []
    assert run_stores.find_changed(tmp_path, [now]) == [now.name]


def test_a_run_without_the_file_names_none(tmp_path):
    store = write_store(tmp_path / "store")
    assert run_stores.find_changed(tmp_path, [store]) == []
