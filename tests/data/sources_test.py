"""Which clip stores a config asks for."""

import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.recordings import sources as recording_sources
from configs import cifar_resnet18, default
from data import sources
from tests.support.synthetic import tone, write_csv, write_folder


def open_stores(config):
    """What train.py opens."""
    return recording_sources.open_stores(config, sources.open_named)


def config(tmp_path, **data):
    config = default.get_config()
    config.data.source = "audio_files"
    config.data.store_dir = str(tmp_path / "stores")
    config.data.update(data)
    return config


def write_table(folder, task):
    import soundfile

    folder.mkdir()
    rows = []
    for index in range(12):
        soundfile.write(folder / f"{index}.wav", tone(440, 0.1), 16000)
        rows.append({"path": f"{index}.wav", task: index % 2, "other": 1})
        rows[-1]["other"] = index % 3
    return write_csv(folder / "m.csv", rows)


def test_a_task_of_many_can_be_picked(tmp_path):
    path = str(write_table(tmp_path / "a", "digit"))
    (store,) = open_stores(config(tmp_path, path=path))
    assert list(store.tasks) == ["digit", "other"]
    (store,) = open_stores(config(tmp_path, path=path, tasks=" digit "))
    assert list(store.tasks) == ["digit"]
    assert list(store.examples("train").labels) == ["digit"]


def test_several_tables_are_several_stores(tmp_path):
    paths = [
        str(write_table(tmp_path / task, task)) for task in ("digit", "pitch")
    ]
    both = config(tmp_path, path=",".join(paths), tasks="digit,pitch")
    first, second = open_stores(both)
    assert list(first.tasks) == ["digit"]
    assert list(second.tasks) == ["pitch"]


def test_mistakes_are_told(tmp_path):
    with pytest.raises(UserError, match="data.path is empty"):
        open_stores(config(tmp_path))
    with pytest.raises(UserError, match="'songs' is not a data set"):
        open_stores(config(tmp_path, source="songs"))
    folders = [str(write_folder(tmp_path / name, takes=3)) for name in "ab"]
    with pytest.raises(UserError, match="both have a task 'label'"):
        open_stores(config(tmp_path, path=",".join(folders)))
    paths = [
        str(write_table(tmp_path / task, task)) for task in ("digit", "pitch")
    ]
    wrong = config(tmp_path, path=",".join(paths), tasks="tone")
    with pytest.raises(UserError, match="no source has a task 'tone'"):
        open_stores(wrong)


def test_sound_and_images_are_not_taken_for_each_other(tmp_path):
    images = cifar_resnet18.get_config()
    for wrong, source, message in (
        (default.get_config(), "digits", "digits is images, but .* of sound"),
        (images, "tones", "tones is sound, .*such as configs/quickstart.py"),
        (images, "cifar10", "`python -m data.prepare --dataset cifar10 --spl"),
    ):
        wrong.data.source = source
        wrong.data.store_dir = str(tmp_path)
        with pytest.raises(UserError, match=message):
            open_stores(wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_group_to_test_on_makes_a_store_of_its_own(tmp_path):
    table = write_table(tmp_path / "x", "a")
    rows = table.read_text().splitlines()
    grouped = [rows[0] + ",group,split"] + [
        f"{row},g{index % 3},train" for index, row in enumerate(rows[1:])
    ]
    grouped[1] = grouped[1].removesuffix("train") + "test"
    table.write_text("\n".join(grouped) + "\n")
    (as_given,) = open_stores(config(tmp_path, path=str(table)))
    assert as_given.split_name == "own"
    for group in ("g1", "g2"):
        (store,) = open_stores(
            config(tmp_path, path=str(table), test_group=group)
        )
        assert {*store.examples("test").groups} == {group}
        assert store.split_name == f"{group} held out"
    with pytest.raises(UserError, match="groups of the recordings are g0, g1"):
        open_stores(config(tmp_path, path=str(table), test_group="me"))
