"""Every malformed or odd table is read right or refused in a sentence."""

import os

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.audio import folders
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import manifest, preparation, splits
from tests.support import bad_tables
from tests.support.synthetic import tone, write_csv, write_folder

READ = [case for case in bad_tables.CASES if not case.refused]
REFUSED = [case for case in bad_tables.CASES if case.refused]


def name_of(case):
    return case.name


@pytest.mark.parametrize("case", REFUSED, ids=name_of)
def test_what_is_wrong_is_refused_in_a_sentence(case, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(case.table)
    with pytest.raises(UserError, match=case.refused) as error:
        manifest.read(path)
    assert "table.csv" in str(error.value)


@pytest.mark.parametrize("case", READ, ids=name_of)
def test_what_is_odd_is_read_right(case, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(case.table)
    recordings = manifest.read(path)
    labels = [label for r in recordings for label in r.labels.values()]
    assert ",".join(labels) == case.labels


def prepare(path, tmp_path, **kwargs):
    return preparation.prepare(path, store_dir=tmp_path / "stores", **kwargs)


def write_table(folder, rows, seconds=0.2):
    """A CSV with a sound recording for every path in it."""
    for number, row in enumerate(rows):
        if not (folder / row["path"]).exists():
            soundfile.write(
                folder / row["path"], tone(300 + 40 * number, seconds), 16000
            )
    return write_csv(folder / "table.csv", rows)


def of_splits(*labels_of_splits):
    """A row per label: (split, labels) each."""
    return [
        {"path": f"{split}{i}.wav", "bird": label, "split": split}
        for split, labels in labels_of_splits
        for i, label in enumerate(labels)
    ]


@pytest.mark.parametrize(
    "table, message",
    [
        (of_splits(("train", "aaa"), ("test", "aa")), "one class only"),
        (of_splits(("test", "ab")), "no recording is in the train split"),
        (of_splits(("train", "ab"), ("", "ab")), "some recordings name a spl"),
        (of_splits(("train", "a"), ("test", "b")), "too few for validation"),
        (of_splits(("", "ab")), "too few for test, validation and train"),
    ],
)
def test_splits_that_cannot_be_trained_on_are_refused(table, message, tmp_path):
    path = write_table(tmp_path, table)
    with pytest.raises(UserError, match=message):
        prepare(path, tmp_path)
    assert not (tmp_path / "stores").exists()


def test_a_class_that_is_never_trained_and_twins_are_told(tmp_path, capsys):
    rows = of_splits(("train", "abAB"), ("validation", "ab"), ("test", "abz"))
    path = write_table(tmp_path, rows)
    prepare(path, tmp_path)
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "warning: class without examples: bird z: train",
        "warning: classes alike: bird: A and a",
        "warning: classes alike: bird: B and b",
    ]
    call("check", [str(path)])
    printed = capsys.readouterr().out
    assert "  bird z: train\n" in printed
    assert "  bird: A and a\n" in printed


def test_a_stretch_in_two_splits_is_told(tmp_path, capsys):
    rows = [
        {"path": "x.wav", "bird": "ab"[i % 2], "split": split,
         "start_s": start_s, "end_s": start_s + 0.5}
        for i, (split, start_s) in enumerate(
            [("train", 0.0), ("train", 0.4), ("test", 0.8), ("test", 1.3),
             ("validation", 1.8), ("validation", 2.3)]
        )
    ]  # fmt: skip
    path = write_table(tmp_path, rows, seconds=3.0)
    assert call("check", [str(path)]) == 0
    printed = capsys.readouterr().out
    assert "\noverlap: 1\n" in printed
    assert "x.wav: train and test both hold what begins at 0.8 s" in printed


def test_a_segment_beyond_the_end_names_file_and_seconds(tmp_path):
    rows = of_splits(("train", "ab"), ("validation", "ab"), ("test", "ab"))
    rows = [row | {"start_s": "", "end_s": ""} for row in rows]
    rows[3] |= {"start_s": 0.1, "end_s": 0.9}
    path = write_table(tmp_path, rows)
    message = "validation1.wav is 0.200 s long and has no segment from 0.1 to"
    with pytest.raises(UserError, match=message):
        prepare(path, tmp_path)


def test_a_task_may_be_called_like_a_column_of_the_store(tmp_path):
    kinds = ("length", "offset", "file", "label")
    rows = of_splits(("train", "ab"), ("validation", "ab"), ("test", "ab"))
    rows = [
        {"path": row["path"], "split": row["split"]}
        | {kind: "12"[i % 2] for kind in kinds}
        for i, row in enumerate(rows)
    ]
    store = prepare(write_table(tmp_path, rows), tmp_path)
    clips = store.examples("test")
    assert clips.lengths.tolist() == [3200, 3200]
    assert clips.files.tolist() == ["test0.wav", "test1.wav"]
    for kind in kinds:
        np.testing.assert_array_equal(clips.labels[kind], [0, 1])


def test_paths_outside_the_folder_are_the_users_to_give(tmp_path):
    (tmp_path / "table").mkdir()
    rows = of_splits(("train", "ab"), ("validation", "ab"), ("test", "ab"))
    write_table(tmp_path, rows)
    for row in rows[:3]:
        row["path"] = f"../{row['path']}"
    for row in rows[3:]:
        row["path"] = str(tmp_path / row["path"])
    path = write_csv(tmp_path / "table" / "table.csv", rows)
    assert sum(prepare(path, tmp_path).num_examples.values()) == 6


def test_links_to_folders_are_followed_once(tmp_path):
    folder = write_folder(tmp_path / "own", takes=3)
    elsewhere = write_folder(tmp_path / "elsewhere", classes=("b",), takes=2)
    os.symlink(elsewhere / "b", folder / "low" / "more")
    os.symlink(folder / "low", folder / "low" / "loop")
    found = manifest.read(folder)
    names = [str(r.path.relative_to(folder)) for r in found]
    assert names == [
        *(f"high/{i}.wav" for i in range(3)),
        *(f"low/{i}.wav" for i in range(3)),
        *(f"low/more/{i}.wav" for i in range(2)),
    ]


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    folder = write_folder(tmp_path / "own", takes=3)
    (folder / "low" / "secret").mkdir()
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UserError, match="secret cannot be read: Permission"):
        manifest.read(folder)


def test_what_a_folder_holds_besides_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(folders, "has_ffmpeg", lambda: False)
    folder = write_folder(tmp_path / "own", takes=12)
    (folder / "low" / "new.m4a").touch()
    (folder / "low" / "notes.txt").touch()
    (folder / "low" / ".hidden").touch()
    (folder / "stray.wav").touch()
    assert call("check", [str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "\nnot used: 3\n" in printed
    left_out = (
        f"1 files .m4a are left out, such as {folder}/low/new.m4a: pip install "
        "'audio-diffstride[ffmpeg]' reads them"
    )
    loose = (
        "1 audio files lie beside the class folders and are not used, such as "
        f"{folder}/stray.wav"
    )
    assert f"  {left_out}\n" in printed
    assert f"  {loose}\n" in printed
    assert f"  1 files .txt, such as {folder}/low/notes.txt\n" in printed
    prepare(folder, tmp_path)
    told = capsys.readouterr().err.splitlines()
    assert told == [f"note: {left_out}", f"note: {loose}"]


def test_names_that_are_no_text_make_files_but_no_classes(tmp_path):
    folder = write_folder(tmp_path / "own", takes=3)
    os.rename(folder / "low" / "0.wav", os.fsencode(folder) + b"/low/\xff.wav")
    recordings = splits.assign(manifest.read(folder), folder)
    assert {r.split for r in recordings} == {"train", "validation", "test"}
    assert sum(prepare(folder, tmp_path).num_examples.values()) == 6
    os.rename(folder / "low", os.fsencode(folder) + b"/\xff")
    with pytest.raises(UserError, match="character that is not text"):
        manifest.read(folder)


def test_what_is_no_table_is_refused(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UserError, match="neither a folder nor a file"):
        manifest.read(tmp_path / "pipe.csv")
    path = tmp_path / "secret.csv"
    path.touch()

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UserError, match="secret.csv cannot be read: Permiss"):
        manifest.read(path)


def test_a_missing_recording_is_left_out_if_asked(tmp_path, capsys):
    rows = of_splits(("train", "ab"), ("validation", "ab"), ("test", "ab"))
    path = write_table(tmp_path, rows)
    (tmp_path / "train0.wav").unlink()
    with pytest.raises(UserError, match="train0.wav cannot be read: No such"):
        prepare(path, tmp_path)
    store = prepare(path, tmp_path, skip_bad_files=True)
    assert sum(store.num_examples.values()) == 5
    assert "left out: " in capsys.readouterr().err
