"""The command: two tables in, a curve out."""

import csv

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.events import scores
from audio_diffstride.events.detection_tables import Found
from tests.support.synthetic import tone

TRUTH = (
    "path,start_s,end_s,bird,split\n"
    "a.wav,1,2,wren,test\na.wav,4,5,wren,test\na.wav,4,5,owl,test\n"
    "sub/a.wav,0,1,owl,train\nb.wav,,,,test\n"
)
HEADER = "file,start_s,end_s,padded,windows,task,class,score\n"
FOUND = HEADER + (
    # Right; wrong, a false alarm; right; two windows of one right event.
    "a.wav,1.2,2,false,1,bird,wren,0.9\n"
    "b.wav,3,4,false,1,bird,wren,0.3\n"
    "a.wav,4,4.5,false,1,bird,owl,0.8\na.wav,4.5,5,false,1,bird,owl,0.6\n"
    "a.wav,4,5,false,1,bird,_unknown,0.9\n"
    "zzz.wav,1,2,false,1,bird,wren,0.9\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("a", "b", "sub/a"):
        soundfile.write(tmp_path / f"{name}.wav", tone(9, 6, 1000), 1000)
    (tmp_path / "truth.csv").write_text(TRUTH)
    (tmp_path / "found.csv").write_text(FOUND)
    return tmp_path


def run(folder, *more, found="found.csv", truth="truth.csv"):
    """The rows of the curve, by class and threshold."""
    output = folder / "events.csv"
    call(
        "events",
        [
            *("--detections", folder / found),
            *("--annotations", folder / truth),
            *("--output", output, "--overwrite"),
            *more,
        ],
    )
    with open(output, newline="", encoding="utf-8") as file:
        return {
            (row["class"], row["threshold"]): row
            for row in csv.DictReader(file)
        }


def test_the_curve_counts_events(folder, capsys):
    rows = run(folder, "--split", "test", "--threshold", "0.5")
    lowest = rows["", "0.3"]
    assert [lowest[name] for name in ("right", "found", "annotated")] == [
        *("2", "3", "3"),
    ]
    assert float(lowest["f1"]) == pytest.approx(2 / 3, abs=1e-6)
    # One false alarm in two recordings of 6 s.
    assert float(lowest["false_alarms_per_hour"]) == pytest.approx(300)
    assert float(rows["", "0.6"]["false_alarms_per_hour"]) == 0
    # Without its second window the event is half as long: still right.
    assert rows["owl", "0.8"]["right"] == "1"
    assert rows["owl", "0.9"]["found"] == "0"
    assert rows["owl", "0.9"]["precision"] == ""
    assert (folder / "events.png").stat().st_size > 1000
    shown = capsys.readouterr()
    assert "bird: 3 events in 2 recordings, 0.00333 h" in shown.out
    (line,) = [x for x in shown.out.splitlines() if x.startswith("all")]
    assert line.split() == "all 80.0 % 100.0 % 66.7 % 0 3".split()
    assert "1 detections are left out, such as one in" in shown.err


def test_equal_names_are_told_apart_by_their_folders(folder):
    text = FOUND.replace("a.wav,1.2", f"{folder}/a.wav,1.2")
    text = text.replace("\na.wav", f"\n{folder}/a.wav")
    (folder / "found.csv").write_text(text)
    rows = run(folder)
    assert rows["", "0.9"]["right"] == "1"
    text += "a.wav,1,2,false,1,bird,wren,0.9\n"
    (folder / "found.csv").write_text(text)
    with pytest.raises(UserError, match="row 8: a.wav may be .*a.wav or .*a.w"):
        run(folder)


def test_alarms_in_unknown_sound_do_not_count(folder):
    (folder / "truth.csv").write_text(TRUTH + "b.wav,2,5,?,test\n")
    rows = run(folder, "--split", "test")
    lowest = rows["", "0.3"]
    assert (lowest["found"], lowest["right"]) == ("2", "2")


def test_where_all_is_unknown_nothing_is_compared(folder):
    text = "path,start_s,end_s,bird\nb.wav,0,6,?\n"
    (folder / "truth.csv").write_text(text)
    with pytest.raises(UserError, match="all of .* is annotated as '\\?', so"):
        run(folder)


def test_tables_of_other_tools_have_other_columns(folder):
    text = "File;Begin;End;Name\nb.wav;3,0;4;wren\na.wav;1;2;wren\n"
    (folder / "other.csv").write_text(text.replace(",", "."))
    rows = run(
        folder,
        *("--split", "test", "--onset_only", "--collar_s", "0.1"),
        "--detection_columns=file=File,start_s=Begin,end_s=End,class=Name",
        found="other.csv",
    )
    assert rows["", ""]["right"] == "1"  # without scores there is one point
    assert rows["", ""]["found"] == "2"


def test_raven_tables_are_compared(folder):
    text = (
        "Selection\tBegin Time (s)\tEnd Time (s)\tBegin File\tSpecies\tScore\n"
        "1\t1\t2\ta.wav\twren\t0.9\n"
    )
    (folder / "found.txt").write_text(text)
    (folder / "b.txt").write_text("")
    rows = run(folder, "--split", "test", found="found.txt")
    assert rows["wren", "0.9"]["right"] == "1"


@pytest.mark.parametrize(
    "text, more, message",
    [
        ("file,start_s\nx,1\n", (), "no column 'end_s'; it has file, start_s"),
        (HEADER + "a.wav,1\n", (), "row 2: 2 columns, not 8 as in the header"),
        (HEADER + "a.wav,2,1,,1,bird,x,1\n", (), "row 2: 'end_s' .1. must be"),
        (HEADER + "a.wav,1,2,,1,bird,x,hi\n", (), "'score' must be a number"),
        (HEADER + "a.wav,1,2,,1,bird,,1\n", (), "row 2: a detection needs a"),
        (
            HEADER + "a.wav,1,2,,1,x,y,1\nb.wav,1,2,,1,z,y,1\n",
            (),
            "has detections of x, z, but the annotations are of bird",
        ),
        (
            HEADER,
            ("--threshold", "0.5"),
            "--threshold is 0.5, but no detection",
        ),
        (FOUND, ("--collar_s", "0"), "--collar_s is 0, but must be more than"),
        (FOUND, ("--split", "validation"), "split validation, has no annotat"),
        (FOUND, ("--task", "frog"), "has no column 'frog' to predict"),
    ],
)
def test_what_cannot_be_compared_gets_a_sentence(text, more, message, folder):
    (folder / "found.csv").write_text(text)
    with pytest.raises(UserError, match=message) as error:
        run(folder, *more)
    assert "\n" not in str(error.value)
    assert not (folder / "events.csv").exists()


def test_an_output_is_not_replaced_unasked(folder):
    words = ["--detections", folder / "found.csv"]
    words += ["--annotations", folder / "truth.csv", "--split", "test"]
    (folder / "events.png").write_text("mine")
    with pytest.raises(UserError, match="events.png is there already"):
        call("events", [*words, "--output", folder / "events.csv"])
    with pytest.raises(UserError, match="must end in .csv"):
        call("events", [*words, "--output", folder / "events"])


def test_a_curve_has_a_hundred_thresholds_at_most():
    times_s = {(0, "x"): np.zeros((5000, 2))}
    values = np.random.default_rng(0).beta(1, 20, 5000)
    found = Found(times_s, {(0, "x"): values})
    limits = scores.thresholds(found)
    assert limits == sorted(limits)
    assert 90 < len(limits) <= 100
    assert (limits[0], limits[-1]) == (values.min(), values.max())
    few = Found(times_s, {(0, "x"): np.repeat([0.5, 0.25], 2500)})
    assert scores.thresholds(few) == [0.25, 0.5]
