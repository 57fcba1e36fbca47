"""The vector of a recording is the mean of its windows."""

import pathlib

import numpy as np
import pytest

from audio_diffstride.embeddings import table
from audio_diffstride.errors import UserError
from audio_diffstride.probe import recording_vectors
from audio_diffstride.recordings.recording import Recording


def write(path, rows):
    """Rows of (file, start_s, end_s, embedding)."""
    windows = [
        (file, table.WindowVector(start, end, False, list(vector)))
        for file, start, end, vector in rows
    ]
    table.write(path, windows, len(windows[0][1].embedding), {})
    return path


ROWS = [
    ("a.wav", 0, 1, (1, 0)),
    ("a.wav", 1, 1.5, (4, 2)),  # half as long: it weighs half
    ("b.wav", 0, 1, (5, 5)),
]


def of(*paths, **kwargs):
    return [Recording(pathlib.Path(path), {}, **kwargs) for path in paths]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "data"


def test_windows_weigh_their_seconds(folder):
    path = write("e", ROWS)
    found = recording_vectors.means(path, of("b.wav", "a.wav"), folder)
    np.testing.assert_allclose(found, [[5, 5], [2, 2 / 3]])


def test_a_window_belongs_to_the_segment_of_its_middle(folder):
    rows = [("a.wav", t / 2, t / 2 + 1, (t, 1)) for t in range(8)]
    segments = [
        of("a.wav", start_s=0.0, end_s=1.0),  # the middles 0.5
        of("a.wav", start_s=1.0, end_s=2.5),  # 1, 1.5, 2
        of("a.wav", start_s=2.5),  # 2.5 and later
        of("a.wav"),
    ]
    recordings = [recording for (recording,) in segments]
    found = recording_vectors.means(write("e", rows), recordings, folder)
    assert found[:, 0].tolist() == [0, 2, 5.5, 3.5]


@pytest.mark.parametrize(
    "name",
    ["x/a.wav", "./x/../x/a.wav", "{folder}/x/a.wav", "../data/x/a.wav"],
)
def test_files_are_found_from_here_and_from_the_labels(folder, name):
    path = write("e", [(name.format(folder=folder), 0, 1, (1, 2))])
    found = recording_vectors.means(path, of(folder / "x/a.wav"), folder)
    assert found.tolist() == [[1, 2]]


def test_a_name_that_is_not_text_is_found(folder):
    path = write("e", [("?.wav", 0, 1, (1, 2))])  # as `embed` writes it
    found = recording_vectors.means(path, of("\udcff.wav"), folder)
    assert found.tolist() == [[1, 2]]


def test_files_without_a_label_are_left_out_and_noted(folder):
    lines = []
    found = recording_vectors.means(
        write("e", ROWS), of("a.wav"), folder, lines.append
    )
    assert len(found) == 1
    assert lines == [
        "1 files of e have no label and are left out, such as b.wav"
    ]


@pytest.mark.parametrize(
    ("recordings", "message"),
    [
        (of("a.wav", "c.wav"), "e has no window of 1 of 2 recordings, such as"),
        (of("c.wav"), "e has no window of any of the recordings, such as c.w"),
        (
            of("a.wav", "a.wav", start_s=9.0),
            "has no window of any",
        ),
        (
            [*of("b.wav"), *of("a.wav", start_s=9.0)],
            "such as a.wav at 9 s; embed them too, or take them out of --data",
        ),
    ],
)
def test_recordings_without_windows_are_refused(folder, recordings, message):
    with pytest.raises(UserError, match=message):
        recording_vectors.means(write("e", ROWS), recordings, folder)


def test_one_recording_under_two_names_is_refused(folder):
    path = write("e", [*ROWS, ("x/../a.wav", 0, 1, (1, 2))])
    with pytest.raises(UserError, match="same recording as a.wav and as x/.."):
        recording_vectors.means(path, of("a.wav"), folder)
