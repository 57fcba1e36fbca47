"""Own recordings: what a folder or a CSV says."""

import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.recordings import manifest
from tests.support.synthetic import write_csv, write_folder


def test_a_folder_has_a_class_per_sub_folder(tmp_path):
    write_folder(tmp_path, classes=("cat", "dog"), takes=2)
    (tmp_path / "cat" / "notes.txt").write_text("no audio")
    (tmp_path / "dog" / "deep").mkdir()
    (tmp_path / "dog" / "1.wav").rename(tmp_path / "dog" / "deep" / "1.WAV")
    recordings = manifest.read(tmp_path)
    found = [(r.path.name, r.labels["label"]) for r in recordings]
    assert found == [
        ("0.wav", "cat"),
        ("1.wav", "cat"),
        ("0.wav", "dog"),
        ("1.WAV", "dog"),
    ]


def test_a_folder_may_be_divided_into_splits(tmp_path):
    for split in ("train", "valid", "test"):
        write_folder(tmp_path / split, takes=1)
    splits = [r.split for r in manifest.read(tmp_path)]
    assert splits == ["test"] * 2 + ["train"] * 2 + ["validation"] * 2


def test_a_csv_has_a_task_per_column_and_segments(tmp_path):
    path = write_csv(
        tmp_path / "m.csv",
        [
            {
                "path": "a.wav",
                "bird": "wren",
                "calls": "2",
                "split": "val",
                "group": "g",
                "start_s": "1.5",
                "end_s": "2",
            },
            {
                "path": "b.wav",
                "bird": "",
                "calls": "1",
                "split": "test",
                "group": "",
                "start_s": "",
                "end_s": "",
            },
            {"path": "c.wav", "bird": "robin", "calls": "1"},
        ],
    )
    first, second, _ = manifest.read(path)
    assert first == manifest.Recording(
        tmp_path / "a.wav",
        {"bird": "wren", "calls": "2"},
        "validation",
        "g",
        1.5,
        2.0,
    )
    assert second == manifest.Recording(
        tmp_path / "b.wav", {"calls": "1"}, "test"
    )
    assert manifest.read(path, ("calls",))[0].labels == {"calls": "2"}


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("path,a\nx.wav,1\n", encoding="utf-8-sig")
    assert manifest.read(path)[0].labels == {"a": "1"}


def test_classes_that_are_numbers_are_in_their_order():
    recordings = [
        manifest.Recording("", {"pitch": pitch, "name": pitch + "a"})
        for pitch in ("10", "9", "100")
    ]
    assert manifest.class_names(recordings) == {
        "pitch": ["9", "10", "100"],
        "name": ["100a", "10a", "9a"],
    }


@pytest.mark.parametrize(
    "text, message",
    [
        ("path|a\nx|1\n", "no column 'path'.*by commas, semicolons or tabs"),
        ("file,a\nx,1\n", "no column 'path' among its columns"),
        ("path\nx\n", "no column with labels"),
        ("path,a,a\nx,1,2\n", "two columns of the same name"),
        ("path,a\n", "lists no recordings"),
        ("", "no column 'path'"),
        ("path,a\nx,1\n,2\n", "row 3: 'path' is empty"),
        ("path,a\nx,1\ny,\n", "row 3: no label in a"),
        ("path,a\nx,1\nx,2\n", "row 3: the same recording as in row 2"),
        ("path,a\nx,1,2\n", "row 2: 3 columns, not 2"),
        ("path,a\nx\n", "row 2: 1 columns, not 2"),
        ("path,a,split\nx,1,dev\n", "row 2: 'split' must be .*'dev'"),
        ("path,a,start_s\nx,1,-1\n", "row 2: 'start_s' must be .*'-1'"),
        ("path,a,end_s\nx,1,nan\n", "row 2: 'end_s' must be .*'nan'"),
    ],
)
def test_a_bad_csv_is_told_with_its_row(text, message, tmp_path):
    path = tmp_path / "m.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=message) as error:
        manifest.read(path)
    assert "m.csv" in str(error.value)
    assert "\n" not in str(error.value)


def test_other_mistakes_are_told_with_what_to_do(tmp_path):
    with pytest.raises(UserError, match="nowhere does not exist"):
        manifest.read(tmp_path / "nowhere")
    with pytest.raises(UserError, match="no sub-folders with audio"):
        manifest.read(tmp_path)
    path = tmp_path / "m.csv"
    path.write_bytes(b"path,a\nx.wav,\xff\n")
    with pytest.raises(UserError, match="not a CSV in UTF-8"):
        manifest.read(path)
    with pytest.raises(UserError, match="did you mean .*m.csv"):
        manifest.read(tmp_path)
    path.write_text("path,a\nx,1\n")
    with pytest.raises(UserError, match="no column 'b' to predict; it has a"):
        manifest.read(path, ("b",))
    with pytest.raises(UserError, match="has one class only"):
        manifest.class_names(manifest.read(path))
    write_folder(tmp_path / "folder")
    with pytest.raises(UserError, match="data.tasks names columns of a CSV"):
        manifest.read(tmp_path / "folder", ("a",))


@pytest.mark.parametrize(
    "name, message",
    [
        ("a.wav", "is one recording; give the folder that holds .* predict"),
        ("a b.MP3", "predict --workdir RUN '.*a b.MP3' --output OUT.csv"),
        ("a.m4a", "is one recording"),
        ("a.xlsx", "is a spreadsheet; save the table as 'CSV UTF-8'"),
        ("a.zip", "is an archive; unpack it"),
        ("a.tar.gz", "is an archive; unpack it"),
    ],
)
def test_a_file_that_is_no_csv_is_told_for_what_it_is(name, message, tmp_path):
    (tmp_path / name).touch()
    with pytest.raises(UserError, match=message):
        manifest.read(tmp_path / name)


def test_a_text_table_may_have_any_suffix(tmp_path):
    for name in ("m.txt", "m.tsv", "m"):
        (tmp_path / name).write_text("path\ta\nx.wav\t1\n")
        assert manifest.read(tmp_path / name)[0].labels == {"a": "1"}


def test_a_folder_of_loose_recordings_is_told_what_to_do(tmp_path):
    for name in ("a.wav", "b.flac", "notes.txt"):
        (tmp_path / name).touch()
    message = "2 audio files lie in it, such as .*a.wav: move those of each cl"
    with pytest.raises(UserError, match=message):
        manifest.read(tmp_path)


def test_loose_recordings_beside_class_folders_are_told(tmp_path):
    write_folder(tmp_path, takes=2)
    for name in ("c.wav", "a.mp3", ".hidden.wav"):
        (tmp_path / name).touch()
    recordings = manifest.read(tmp_path)
    assert len(recordings) == 4
    assert manifest.describe_unused_audio(tmp_path, recordings) == [
        "2 audio files lie beside the class folders and are not used, such as "
        f"{tmp_path / 'a.mp3'}"
    ]
