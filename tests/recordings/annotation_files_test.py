"""Tables of Raven and Audacity, alone and in folders, good and ugly."""

import numpy as np
import pytest
import soundfile

from audio_diffstride.datasets.kinds import Labels
from audio_diffstride.errors import UserError
from audio_diffstride.predict import formats
from audio_diffstride.predict.detections import Detection
from audio_diffstride.recordings import manifest
from audio_diffstride.recordings.intervals import WindowRule
from audio_diffstride.recordings.label_rule import LabelRule
from tests.support.synthetic import tone

SECONDS = LabelRule(WindowRule(1.0, 1.0))
HEADER = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tSpecies"
VIEW = "Spectrogram 1\t1"


def raven(*rows):
    lines = [HEADER]
    for number, (start, end, name) in enumerate(rows, start=1):
        lines.append(f"{number}\t{VIEW}\t{start}\t{end}\t{name}")
    return "\n".join(lines) + "\n"


def write_wav(path, seconds=3.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(100, seconds, 1000), 1000)


def read(path, columns="", rule=SECONDS):
    """{(file, start_s): labels}, and the lines for the user."""
    lines: list[str] = []
    found = manifest.read(path, (), columns, lines.append, rule)
    return {
        (r.path.name, r.start_s): str(next(iter(r.labels.values())))
        for r in found
    }, lines


@pytest.mark.parametrize(
    "name",
    [
        *("a.txt", "a.wav.txt", "a.selections.txt", "a.wav.selections.txt"),
        *("a.Table.1.selections.txt", "a.BirdNET.selection.table.TXT"),
    ],
)
def test_a_table_lies_beside_its_recording(name, tmp_path):
    write_wav(tmp_path / "sub" / "a.wav")
    write_wav(tmp_path / "sub" / "b.wav")
    write_wav(tmp_path / "a.b.wav")
    (tmp_path / "sub" / name).write_text(raven((0.9, 2, "wren"), (2, 3, "owl")))
    found, (line,) = read(tmp_path)
    assert found == {
        ("a.wav", 0.0): "",
        ("a.wav", 1.0): "wren",
        ("a.wav", 2.0): "owl",
    }
    assert "2 recordings have no annotations and are left out" in line


def test_an_empty_table_says_that_nothing_is_there(tmp_path):
    for name in ("a", "b", "c"):
        write_wav(tmp_path / f"{name}.wav")
    (tmp_path / "a.txt").write_text("0,5\t1,5\twren\n\\\t100\t200\n")
    (tmp_path / "b.txt").write_text("")
    (tmp_path / "c.txt").write_text(raven())
    found, lines = read(tmp_path)
    assert lines == []
    assert {key for key, label in found.items() if label} == {
        ("a.wav", 0.0),
        ("a.wav", 1.0),
    }
    assert len(found) == 9


def test_folders_of_splits_are_splits(tmp_path):
    for split in ("train", "val", "test"):
        write_wav(tmp_path / split / "a.wav")
        (tmp_path / split / "a.txt").write_text(raven((0, 1, "wren")))
    found = manifest.read(tmp_path, rule=SECONDS)
    assert {(r.path.parent.name, r.split) for r in found} == {
        ("train", "train"),
        ("val", "validation"),
        ("test", "test"),
    }


def test_a_single_table_names_its_recordings(tmp_path):
    for name in ("a", "b"):
        write_wav(tmp_path / "audio" / f"{name}.wav")
    header = f"{HEADER}\tBegin Path\tBegin File\tFile Offset (s)"
    lines = [
        # The third second of a sequence is the first of its second file.
        f"1\t{VIEW}\t1\t2\twren\t{tmp_path}/audio/a.wav\ta.wav\t1",
        f"2\t{VIEW}\t3\t4\twren\t{tmp_path}/audio/b.wav\tb.wav\t0",
        f"2\tWaveform 1\t1\t3\t4\twren\t{tmp_path}/audio/b.wav\tb.wav\t0",
    ]
    table = tmp_path / "all.txt"
    table.write_text("\n".join([header, *lines]))
    found, _ = read(table)
    assert {key for key, label in found.items() if label} == {
        ("a.wav", 1.0),
        ("b.wav", 0.0),
    }
    # A path of another machine: the file beside the table counts.
    table = tmp_path / "audio" / "all.txt"
    text = "\n".join([header, *lines]).replace(f"{tmp_path}/audio/", "C:\\x\\")
    table.write_text(text)
    assert read(table)[0] == found


def test_the_column_of_classes_is_told_or_found(tmp_path):
    write_wav(tmp_path / "a.wav")
    lines = raven((0, 1, "wren"), (1, 2, "owl")).splitlines()
    columns = ("Common Name", "x", "y")
    text = "\n".join(f"{line}\t{more}" for line, more in zip(lines, columns))
    (tmp_path / "a.txt").write_text(text)
    found, (line,) = read(tmp_path)
    assert [*found.values()] == ["wren", "owl", ""]
    assert "classes are in 'Species'; --columns 'label=Common Name'" in line
    found, lines = read(tmp_path, "bird=Common Name")
    assert [*found.values()] == ["x", "y", ""]
    assert lines == []


@pytest.mark.parametrize("with_audio", [False, True])
@pytest.mark.parametrize("hop_s, overlap", [(1.0, 0.5), (0.5, 1.0)])
def test_what_predict_writes_as_raven_trains(
    with_audio, hop_s, overlap, tmp_path
):
    """The windows are those of predict, and so are their labels."""
    write_wav(tmp_path / "a.wav", 3.3)
    rule = WindowRule(1.0, hop_s, overlap)
    windows = rule.windows(3.3)
    rng = np.random.default_rng(0)
    has = rng.random((len(windows), 2)) < 0.5
    rows = [
        Detection(*window, window[1] - window[0] < 1, 1, "bird", name, 0.75)
        for window, marks in zip(windows, has)
        for name, mark in zip(("owl", "wren"), marks)
        if mark
    ]
    folder = tmp_path if with_audio else tmp_path / "found"
    folder.mkdir(exist_ok=True)
    formats.write_raven(
        folder / "a.wav.selections.txt",
        tmp_path / "a.wav",
        rows,
        (0.0, 500.0),
    )
    found = manifest.read(folder, rule=LabelRule(rule))
    assert [(r.start_s, r.end_s) for r in found] == windows
    assert [r.labels["bird"] for r in found] == [
        Labels(tuple(n for n, mark in zip(("owl", "wren"), marks) if mark))
        for marks in has
    ]


def test_what_predict_writes_for_audacity_trains(tmp_path):
    write_wav(tmp_path / "a.wav", 2.5)
    rows = [
        Detection(0.0, 1.0, False, 1, "bird", "wren", 0.75),
        Detection(2.0, 2.5, True, 1, "bird", "owl 2", 1.0),
    ]
    formats.write_audacity(tmp_path / "a.wav.labels.txt", rows)
    assert [*read(tmp_path)[0].values()] == ["wren", "", "owl 2"]
    (tmp_path / "a.wav.labels.txt").write_text("0\t1\twren 0.75\n1\t2\towl\n")
    assert [*read(tmp_path)[0].values()] == ["wren 0.75", "owl", ""]


ROW = raven((0, 1, "wren"))
UGLY = {
    "reversed": (raven((2, 1, "wren")), r"row 2: 'End Time \(s\)' \(1\) must"),
    "beyond": (raven((0, 1, "a"), (2, 9, "b")), "row 3: the annotation from 2"),
    "no class": (
        raven((0, 1, "")),
        "row 2: 'Species' is empty; name the class",
    ),
    "no number": (raven(("x", 1, "a")), r"'Begin Time \(s\)' must be seconds"),
    "no time": (raven((0, "", "a")), "must be seconds; give both"),
    "no end": (ROW.replace("End", "Stop"), r"no column 'End Time \(s\)'; exp"),
    "no species": (ROW.replace("Species", "x"), "no column of classes that is"),
    "ragged": (ROW + "2\t3\n", "row 3: 2 columns, not 6"),
    "utf-16": (ROW.encode("utf-16"), "is not a CSV in UTF-8, but in UTF-16"),
    "latin-1": (
        raven((0, 1, "Mönch")).encode("latin-1"),
        "but probably in Latin-1, in which line 2 is",
    ),
    "other file": (
        ROW.replace("Species", "Species\tBegin File").replace(
            "wren", "wren\tb.wav"
        ),
        "row 2 is of b.wav, but the table lies beside",
    ),
    "a space": (
        raven((0, 1, "a\u2028b")),
        "holds a character that is not text",
    ),
    "point": ("1.0\t1.0\twren\n", "line 1: 'wren' marks a point; drag it to"),
    "audacity reversed": ("2\t1\twren\n", r"line 1: 'end' \(1\) must be more"),
    "no text": ("0\t1\t\n", "line 1: not a begin, an end and a text"),
    "prose": ("these are notes\n", "line 1: not a begin, an end and a text"),
    "audacity beyond": ("2\t8\ta\n", "line 1: the annotation from 2 to 8 s is"),
}


@pytest.mark.parametrize("name", UGLY)
def test_an_ugly_table_gets_a_sentence(name, tmp_path):
    text, message = UGLY[name]
    write_wav(tmp_path / "a.wav")
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        read(tmp_path)
    assert "a.txt" in str(error.value)
    assert "\n" not in str(error.value)


def test_folders_that_cannot_be_right_are_told_of(tmp_path):
    write_wav(tmp_path / "a.wav")
    with pytest.raises(UserError, match="has no annotations .* beside their"):
        read(tmp_path)
    (tmp_path / "README.txt").write_text("notes")
    with pytest.raises(UserError, match="lists no recordings"):
        read(tmp_path)
    (tmp_path / "notes.txt").write_text(ROW)
    with pytest.raises(UserError, match="row 2 names no recording: no record"):
        read(tmp_path)
    (tmp_path / "notes.txt").unlink()
    (tmp_path / "a.txt").write_text(ROW)
    write_wav(tmp_path / "a.flac")
    with pytest.raises(UserError, match="a.txt may be of a.flac or of a.wav"):
        read(tmp_path)


def test_a_table_of_ours_may_have_any_suffix(tmp_path):
    write_wav(tmp_path / "a.wav")
    for name in ("m.txt", "m.tsv", "m"):
        table = tmp_path / name
        table.write_text("path\tstart_s\tend_s\tbird\na.wav\t1\t2\twren\n")
        assert [*read(table)[0].values()] == ["", "wren", ""]


def test_tables_that_are_not_meant_as_clips_are_told_of(tmp_path):
    write_wav(tmp_path / "a.wav")
    table = tmp_path / "a.txt"
    table.write_text(ROW)
    for path in (tmp_path, table):
        with pytest.raises(UserError, match="data.annotations to interv"):
            manifest.read(path)
