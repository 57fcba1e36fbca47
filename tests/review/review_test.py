"""Detections become clips, and verdicts become labels to train on."""

import csv
import pathlib

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.datasets.kinds import Labels
from audio_diffstride.errors import UserError
from audio_diffstride.predict import formats
from audio_diffstride.predict.detections import Detection
from audio_diffstride.recordings import manifest, preparation
from audio_diffstride.review import clips, folder, selection
from audio_diffstride.review.selection import Found
from tests.support.synthetic import tone


class FrontEnd:
    """Stands for the one of Keras."""

    sample_rate_hz = 16000


def touch(writer, found, samples, start_s, path):
    """Stands for drawing, which takes time."""
    pathlib.Path(path).touch()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with recordings and the detections in them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(folder, "_front_end", lambda workdir: FrontEnd())
    monkeypatch.setattr(clips.ClipWriter, "_draw", touch)
    pathlib.Path("field").mkdir()
    for number, name in enumerate("abc"):
        samples = tone(400 + 100 * number, 6.0, 22050, seed=number)
        soundfile.write(f"field/{name}.wav", samples, 22050)
    rows = [
        ("field/a.wav", 0.5, 1.5, "wren", 0.91),
        ("field/a.wav", 1.0, 2.0, "wren", 0.95),
        ("field/a.wav", 5.0, 6.0, "wren", 0.4),
        ("field/b.wav", 2.0, 3.0, "robin/eu", 0.8),
        ("field/b.wav", 4.0, 5.0, "robin/eu", 0.7),
        ("field/c.wav", 0.0, 1.0, "robin/eu", 0.6),
    ]
    formats.write_table(
        "found.csv",
        (
            (path, Detection(start, end, False, 1, "bird", label, score))
            for path, start, end, label, score in rows
        ),
        "csv",
    )
    return tmp_path


def review(*words):
    return call("review", list(map(str, words)))


def make(*words):
    review("--detections", "found.csv", "--output", "out/review", *words)
    return pathlib.Path("out/review/verdicts.csv")


def rows_of(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def fill(path, verdicts, separator=",", encoding="utf-8-sig"):
    """Fills in the verdicts, as a spreadsheet with this separator saves it."""
    rows = rows_of(path)
    with open(path, "w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, rows[0], delimiter=separator)
        writer.writeheader()
        for row, verdict in zip(rows, verdicts, strict=True):
            if separator == ";":
                for name in ("start_s", "end_s", "score"):
                    row[name] = row[name].replace(".", ",")
            writer.writerow(row | {"verdict": verdict})


def test_each_class_has_clips_with_sound_around_the_detection(here):
    rows = rows_of(make("--margin_s", 0.5))
    # The two wrens that overlap are one; the one with the higher score.
    assert [(r["label"], r["start_s"], r["clip"]) for r in rows] == [
        ("robin/eu", "2.0", "robin_eu/0.80_b_2.0s.wav"),
        ("robin/eu", "4.0", "robin_eu/0.70_b_4.0s.wav"),
        ("robin/eu", "0.0", "robin_eu/0.60_c_0.0s.wav"),
        ("wren", "1.0", "wren/0.95_a_1.0s.wav"),
        ("wren", "5.0", "wren/0.40_a_5.0s.wav"),
    ]
    assert {r["verdict"] for r in rows} == {""}
    for row, span in zip(
        rows, [(1.5, 3.5), (3.5, 5.5), (0, 1.5), (0.5, 2.5), (4.5, 6)]
    ):
        clip = here / "out/review" / row["clip"]
        samples, rate_hz = soundfile.read(clip, dtype="int16")
        assert rate_hz == 22050
        recording = here / "out/review" / row["path"]
        whole, _ = soundfile.read(recording, dtype="int16")
        first, last = (round(edge * rate_hz) for edge in span)
        np.testing.assert_array_equal(samples, whole[first:last])
        assert clip.with_suffix(".png").exists()


def test_the_best_of_each_class_are_taken(here):
    rows = rows_of(make("--best", 1))
    assert [r["score"] for r in rows] == ["0.8", "0.95"]


def test_a_random_sample_is_the_same_each_time_and_of_all_scores():
    path = pathlib.Path("a.wav")
    found = [
        Found(path, i, i + 1.0, "bird", "wren", i / 1000) for i in range(1000)
    ]
    samples = [selection.select(found, 200, at_random=True) for _ in range(2)]
    assert samples[0] == samples[1] and len(samples[0]) == 200
    scores = [one.score for one in samples[0]]
    assert scores == sorted(scores, reverse=True)
    assert 0.42 < np.mean(scores) < 0.58


def test_no_two_chosen_ones_overlap():
    rng = np.random.default_rng(0)
    found = [
        Found(pathlib.Path("ab"[i % 2]), s, s + 1.0, "bird", "wren", score)
        for i, (s, score) in enumerate(
            zip(rng.uniform(0, 50, 400).tolist(), rng.random(400).tolist())
        )
    ]
    chosen = selection.select(found, 30)
    assert len(chosen) == 30 and chosen[0].score == max(f.score for f in found)
    for one in found:  # each left out one is weaker, or overlaps a stronger
        assert (
            one in chosen
            or one.score <= chosen[-1].score
            or any(one.overlaps(c) and c.score >= one.score for c in chosen)
        )


def test_verdicts_become_a_table_that_prepare_accepts(here, capsys):
    table = make()
    fill(table, ["yes", "wren", "no", "Ja", ""])
    review("--verdicts", table, "--labels", "new/labels.csv")
    printed = capsys.readouterr().out
    assert "robin/eu      1   3       0.33   0.06 to 0.79" in printed
    assert "wren          1   1       1.00   0.21 to 1.00" in printed
    assert "without a verdict: 1 of 5 rows" in printed
    assert "3 rows from verdicts, 1 left out without a label" in printed
    assert printed.endswith("next: audio-diffstride check new/labels.csv\n")
    rows = rows_of("new/labels.csv")
    assert rows == [
        {"path": f"../field/{p}.wav", "start_s": s, "end_s": e, "bird": label}
        for p, s, e, label in (
            ("b", "2.0", "3.0", "robin/eu"),
            ("b", "4.0", "5.0", "wren"),
            ("a", "1.0", "2.0", "wren"),
        )
    ]
    # Three splits need three recordings.
    text = pathlib.Path("new/labels.csv").read_text()
    text += "../field/c.wav,0,1,wren\n../field/c.wav,2,3,robin/eu\n"
    pathlib.Path("new/labels.csv").write_text(text)
    store = preparation.prepare("new/labels.csv", store_dir="stores")
    assert store.tasks["bird"] == ["robin/eu", "wren"]
    splits = [store.examples(name) for name in ("train", "validation", "test")]
    assert sum(map(len, splits)) == 5


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_spreadsheets_save_is_read(separator, here):
    table = make()
    words = [" YES ", "1", "Nein", "TRUE", "?"]
    fill(table, words, separator)
    review("--verdicts", table, "--labels", "new.csv")
    assert [row["start_s"] for row in rows_of("new.csv")] == [
        "2.0",
        "4.0",
        "1.0",
    ]


def test_with_several_labels_no_is_an_answer(here):
    table = make()
    fill(table, ["yes", "wren", "no", "no", "?"])
    words = ["--labels", "new.csv", "--several_labels"]
    review("--verdicts", table, *words)
    found = {
        (r.path.name, r.start_s): r.labels["bird"]
        for r in manifest.read("new.csv")
    }
    assert found == {
        ("b.wav", 2.0): Labels(("robin/eu",), ()),
        ("b.wav", 4.0): Labels(("wren",), ("robin/eu",)),
        ("c.wav", 0.0): Labels((), ("robin/eu",)),
        ("a.wav", 1.0): Labels((), ("wren",)),
    }


def test_what_is_rejected_may_be_a_class(here):
    table = make()
    fill(table, ["no", "yes", "", "", ""])
    words = ["--labels", "new.csv", "--rejected", "_background"]
    review("--verdicts", table, *words)
    assert [row["bird"] for row in rows_of("new.csv")] == [
        "robin/eu",
        "_background",
    ]


def test_with_several_labels_nothing_is_rejected(here):
    table = make()
    fill(table, ["no"] * 5)
    words = ["--labels", "new.csv", "--rejected", "x", "--several_labels"]
    with pytest.raises(UserError, match="but bird has several, where no is 0"):
        review("--verdicts", table, *words)
    assert not pathlib.Path("new.csv").exists()


def test_what_joins_needs_the_task(here):
    pathlib.Path("old.csv").write_text("path,owl\nfield/a.wav,1\n")
    table = make()
    fill(table, ["yes"] * 5)
    words = ["--labels", "new.csv", "--add_to", "old.csv"]
    with pytest.raises(UserError, match="has no task bird; it has owl"):
        review("--verdicts", table, *words)


def test_new_labels_join_those_of_a_table(here, capsys):
    pathlib.Path("old.csv").write_text(
        "path,start_s,end_s,bird,split,group\n"
        "field/a.wav,1.0,2.0,robin/eu,test,x\n"
        "field/a.wav,3.0,4.0,wren,test,x\n"
        "field/c.wav,,,owl,train,\n"
    )
    table = make()
    fill(table, ["yes", "no", "yes", "yes", "no"])
    words = ["--labels", "out/all.csv", "--add_to", "old.csv"]
    review("--verdicts", table, *words)
    assert "3 rows from old.csv, 1 of them changed" in capsys.readouterr().out
    before = manifest.read("old.csv")
    after = manifest.read("out/all.csv")
    found = [
        (r.path.name, r.start_s, r.labels["bird"], r.split, r.group)
        for r in after
    ]
    assert found == [
        ("a.wav", 1.0, "wren", "test", "x"),  # a person has corrected it
        ("a.wav", 3.0, "wren", "test", "x"),
        ("c.wav", None, "owl", "train", ""),
        ("b.wav", 2.0, "robin/eu", "train", ""),
        ("c.wav", 0.0, "robin/eu", "train", ""),
    ]
    assert before[2].path.resolve() == after[2].path.resolve()


def test_new_labels_join_several_labels_of_a_folder(here):
    for name in ("wren,owl", "robin/eu".replace("/eu", "")):
        pathlib.Path("known", name).mkdir(parents=True)
        soundfile.write(f"known/{name}/k.wav", tone(500), 16000)
    text = pathlib.Path("found.csv").read_text()
    text = text.replace("robin/eu", "robin").replace(",bird,", ",label,")
    pathlib.Path("found.csv").write_text(text)
    table = make("--best", 1)
    fill(table, ["no", "yes"])
    review("--verdicts", table, "--labels", "all.csv", "--add_to", "known")
    marks = [
        tuple(row[f"label:{name}"] for name in ("owl", "robin", "wren"))
        for row in rows_of("all.csv")
    ]
    assert sorted(marks) == [
        ("", "", "1"),
        ("", "0", ""),
        ("0", "1", "0"),
        ("1", "0", "1"),
    ]


def test_a_table_that_is_filled_in_is_never_overwritten(here):
    table = make("--best", 1)
    with pytest.raises(UserError, match="is there already; give another"):
        make()
    assert len(rows_of(make("--overwrite"))) == 5
    fill(table, ["", "", "no", "", ""])
    before = table.read_bytes()
    for words in ((), ("--overwrite",)):
        with pytest.raises(UserError, match="filled in and is never overwrit"):
            make(*words)
    assert table.read_bytes() == before
    table.write_bytes(before.decode("utf-8").encode("utf-16"))
    with pytest.raises(UserError, match="filled in and is never overwritten"):
        make("--overwrite")
    table.unlink()
    with pytest.raises(UserError, match="has other files; give a new folder"):
        make("--overwrite")


@pytest.mark.parametrize(
    ("verdicts", "message"),
    [
        (["wrenn"] * 5, "'wrenn' is neither yes nor no .* did you mean wren"),
        (["owl"] * 5, "row 2: the verdict 'owl' is neither .* --class"),
        ([""] * 5, "has no verdict yet; write yes or no"),
        (["no"] * 5, "no verdict gives a label, as all are no; --rejected"),
    ],
)
def test_verdicts_that_give_no_labels_are_told(verdicts, message, here):
    table = make()
    fill(table, verdicts)
    with pytest.raises(UserError, match=message):
        review("--verdicts", table, "--labels", "new.csv")
    assert not pathlib.Path("new.csv").exists()


def table_of(*rows):
    lines = ["path,start_s,end_s,task,label,verdict", *rows]
    pathlib.Path("v.csv").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("no.wav,0,1,bird,wren,yes", "row 2: there is no recording 'no.wav'"),
        ("field/a.wav,2,1,bird,wren,yes", "'end_s' .1. must be more than"),
        ("field/a.wav,1.Mai,2,bird,wren,yes", "'start_s' must be a number"),
        ("field/a.wav,0,1,bird,wren", "row 2: 5 columns, not 6"),
        (",0,1,bird,wren,yes", "row 2: no path or no label"),
        ("field/a.wav,0,1,digit,7,1\nfield/a.wav,2,3,digit,1,yes", "class:1"),
        ("field/a.wav,0,1,w,left,no\nfield/a.wav,2,3,w,no,yes", "class:no"),
        (
            "field/a.wav,0,1,bird,wren,yes\nfield/a.wav,0,1,bird,owl,yes",
            "row 3: 'owl', but another row gives the same sound the label 'wre",
        ),
    ],
)
def test_a_table_of_verdicts_that_is_wrong_is_told(row, message, here):
    table_of(row)
    with pytest.raises(UserError, match=message):
        review("--verdicts", "v.csv", "--labels", "new.csv")
    assert not pathlib.Path("new.csv").exists()


def test_a_class_may_be_called_as_a_verdict(here):
    table_of(
        "field/a.wav,0,1,digit,7,class:1",
        "field/a.wav,2,3,digit,1,1",
        "field/b.wav,2,3,digit,1,no",
    )
    review("--verdicts", "v.csv", "--labels", "new.csv")
    assert [row["digit"] for row in rows_of("new.csv")] == ["1", "1"]


def test_contradicting_marks_are_told(here):
    table_of(
        "field/a.wav,0,1,bird,wren,owl",
        "field/a.wav,0,1,bird,owl,no",
    )
    words = ["--labels", "new.csv", "--several_labels"]
    with pytest.raises(UserError, match="row 3: 'owl' is in the same sound"):
        review("--verdicts", "v.csv", *words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--detections", "found.csv"], "needs --output as well"),
        (["--detections", "found.csv", "--labels", "a"], "--labels does not"),
        (["--verdicts", "v.csv", "--best", "3"], "--best does not go with"),
        (["--verdicts", "v.csv", "--rejected", "x"], "need --labels as well"),
        (["--verdicts", "v.csv"], "v.csv cannot be read: No such file"),
        (["--verdicts", "found.csv"], "has no column path"),
        (
            ["--detections", "found.csv", "--output", "o", "--best", "0"],
            "--best is 0, but must be at least 1",
        ),
        (
            ["--detections", "found.csv", "--output", "found.csv"],
            "--output found.csv is a file; give a folder",
        ),
        (["--detections", "field/a.wav", "--output", "o"], "not a CSV"),
        ([], "one of the arguments --detections --verdicts is required"),
    ],
)
def test_mistakes_are_told(words, message, here):
    with pytest.raises(UserError, match=message):
        review(*words)
    assert {path.name for path in here.iterdir()} == {"field", "found.csv"}


def test_a_broken_recording_leaves_no_folder(here):
    pathlib.Path("field/b.wav").write_text("no audio")
    with pytest.raises(UserError, match="b.wav cannot be read as audio"):
        make()
    assert not any(pathlib.Path("out").glob("*"))
    pathlib.Path("field/b.wav").unlink()
    with pytest.raises(UserError, match="no recording 'field/b.wav', here or"):
        make()


def test_a_recording_that_is_cut_off_has_clips_up_to_its_end(here):
    path = pathlib.Path("field/a.wav")
    path.write_bytes(path.read_bytes()[: 44 + 2 * round(2.5 * 22050)])
    text = pathlib.Path("found.csv").read_text()
    pathlib.Path("found.csv").write_text(
        "\n".join(line for line in text.splitlines() if ",5.0," not in line)
    )
    rows = rows_of(make("--best", 1))
    clip = pathlib.Path("out/review") / rows[1]["clip"]
    assert soundfile.info(clip).frames == 2.5 * 22050  # from 0 s on
