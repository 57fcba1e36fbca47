"""Scores of whole recordings."""

import csv
import dataclasses
import json

import numpy as np
import pytest

from audio_diffstride.datasets.kinds import NO_LABEL, ONE_LABEL
from audio_diffstride.datasets.store_files import TEXT
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference, plots, score_files
from tests.datasets.windows_test import make_clips


class Reader:
    """A model that returns the mean sample of a window as logits."""

    class_names = {"a": ["high", "low"]}
    kinds = {"a": ONE_LABEL}

    def predict_on_batch(self, windows):
        means = windows.astype(float).mean(axis=1)
        return {"a": np.stack([means, -means], axis=1)}


def test_a_recording_is_the_weighted_mean_of_its_windows():
    clips = make_clips([25, 10, 3])
    logits = inference.recording_logits(Reader(), clips, 10, batch_size=2)
    first = np.arange(1, 26)
    windows = [first[:10].mean(), first[10:20].mean(), first[20:].sum() / 10]
    expected = np.average(windows, weights=[1, 1, 0.5])
    np.testing.assert_allclose(logits["a"][0], [expected, -expected])
    np.testing.assert_allclose(logits["a"][1, 0], np.arange(26, 36).mean())
    np.testing.assert_allclose(logits["a"][2, 0], (36 + 37 + 38) / 10)


def test_perfect_logits_score_one_and_chance_is_the_largest_class():
    labels = {"a": np.array([0, 0, 0, NO_LABEL], np.int32)}
    clips = make_clips([10, 10, 5, 30], labels)
    result = inference.evaluate(Reader(), clips, 10)["a"]
    assert result["accuracy"] == result["chance"] == 1.0
    assert result["recordings"] == 3
    assert result["absent"] == ["low"]
    clips.labels["a"][:] = [1, 0, 0, 1]
    result = inference.evaluate(Reader(), clips, 10)["a"]
    assert result["accuracy"] == result["chance"] == 0.5
    assert result["recordings"] == 4


def test_the_cheap_accuracy_is_the_reported_one():
    labels = {"a": np.array([0, 1, 0, NO_LABEL, 0, 1, 0], np.int32)}
    clips = make_clips([10, 10, 5, 30, 4, 8, 9], labels)
    recordings = inference.label_recordings(Reader(), clips, 10)["a"]
    scores = inference.evaluate(Reader(), clips, 10)["a"]
    assert recordings.quick_score("accuracy") == scores["accuracy"]


def test_a_task_without_labels_is_left_out():
    clips = make_clips([10], {"a": np.array([NO_LABEL], np.int32)})
    assert inference.evaluate(Reader(), clips, 10) == {}


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_the_batch_size_does_not_matter(batch_size):
    clips = make_clips([25, 10, 3, 47])
    expected = inference.recording_logits(Reader(), clips, 10)["a"]
    logits = inference.recording_logits(Reader(), clips, 10, batch_size)["a"]
    np.testing.assert_allclose(logits, expected)


def test_the_model_sees_batches_of_one_shape():
    shapes = set()

    class Watched(Reader):
        def predict_on_batch(self, windows):
            shapes.add(windows.shape)
            return super().predict_on_batch(windows)

    clips = make_clips([25, 10, 3, 47])
    logits = inference.recording_logits(Watched(), clips, 10, batch_size=4)
    assert shapes == {(4, 10)} and logits["a"].shape == (4, 2)


def labelled_recordings():
    """Five recordings of three, of two groups; the fourth has no label."""
    labels = {"a": np.array([0, 1, 0, NO_LABEL, 0], np.int32)}
    clips = dataclasses.replace(
        make_clips([4, 4, 4, 4, 4], labels),
        files=np.array(["x.wav", "x.wav", "y, z.wav", "y.wav", "鳥.wav"], TEXT),
        starts_s=np.array([0.0, 1.5, 0.0, 0.0, 0.0]),
        groups=np.array(["g", "g", "h", "h", "h"], TEXT),
    )
    return inference.label_recordings(Reader(), clips, 4)


def make_report(recordings):
    origin = {"data": "own", "split_name": "given"}
    scores = {t: origin | chosen.scores() for t, chosen in recordings.items()}
    return {"split": "test", "model": "best", "tasks": scores}


@pytest.fixture
def no_pictures(monkeypatch):
    """Leaves out the pictures, which take longer than all else."""
    for name in ("draw_confusion", "draw_curves"):
        monkeypatch.setattr(plots, name, lambda *args: None)


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_files_hold_what_the_report_says(tmp_path):
    recordings = labelled_recordings()
    report = make_report(recordings)
    written = score_files.write(tmp_path, report, recordings)
    assert list(tmp_path.iterdir()) == [written]
    assert written == tmp_path / "evaluation_test"
    assert json.loads((written / "scores.json").read_text()) == report
    folder = written / "a"
    assert {p.name for p in folder.iterdir()} == {
        "classes.csv",
        "confusion.csv",
        "confusion.png",
        "curves.csv",
        "curves.png",
        "recordings.csv",
    }
    classes = read_csv(folder / "classes.csv")
    assert [row["support"] for row in classes] == ["3", "1"]
    assert classes[1]["precision"] == ""  # never predicted
    assert read_csv(folder / "confusion.csv") == [
        {"true \\ predicted": "high", "high": "3", "low": "0"},
        {"true \\ predicted": "low", "high": "1", "low": "0"},
    ]


def test_what_was_written_is_read_back(tmp_path, no_pictures):
    recordings = labelled_recordings()
    report = make_report(recordings)
    assert score_files.read(tmp_path, "test") is None
    score_files.write(tmp_path, report, recordings)
    assert score_files.read(tmp_path, "test") == report
    assert score_files.read(tmp_path, "train") is None


def test_another_evaluation_of_the_run_takes_the_place_of_the_first(
    tmp_path, no_pictures
):
    recordings = labelled_recordings()
    report = make_report(recordings)
    score_files.write(tmp_path, report, recordings)
    (tmp_path / "evaluation_test" / "left over").touch()
    score_files.write(tmp_path, report | {"model": "last"}, recordings)
    assert score_files.read(tmp_path, "test")["model"] == "last"
    assert not (tmp_path / "evaluation_test" / "left over").exists()


def test_every_labelled_recording_has_a_row(tmp_path, no_pictures):
    recordings = labelled_recordings()
    score_files.write(tmp_path, make_report(recordings), recordings)
    rows = read_csv(tmp_path / "evaluation_test" / "a" / "recordings.csv")
    assert list(rows[0]) == [
        *("file", "start_s", "group", "label", "predicted", "score"),
        *("p:high", "p:low"),
    ]
    assert [
        (r["file"], r["start_s"], r["group"], r["label"]) for r in rows
    ] == [
        ("x.wav", "0.0", "g", "high"),
        ("x.wav", "1.5", "g", "low"),
        ("y, z.wav", "0.0", "h", "high"),
        ("鳥.wav", "0.0", "h", "high"),
    ]
    # The first recording's samples are 1 to 4: logits of 2.5 and -2.5.
    assert float(rows[0]["p:high"]) == pytest.approx(1 / (1 + np.exp(-5)))
    for row in rows:
        assert row["score"] == row[f"p:{row['label']}"]
        assert float(row["p:high"]) + float(row["p:low"]) == pytest.approx(1)


def test_results_stay_whole_when_writing_fails(tmp_path, monkeypatch):
    recordings = labelled_recordings()
    report = make_report(recordings)
    score_files.write(tmp_path, report, recordings)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    monkeypatch.delattr(plots, "draw_curves")
    with pytest.raises(AttributeError):
        score_files.write(tmp_path, report, recordings)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def test_a_diverged_model_is_reported_in_a_sentence():
    recordings = labelled_recordings()["a"]
    recordings.logits[1, 0] = np.nan
    with pytest.raises(UserError, match="training diverged"):
        recordings.scores()


@pytest.mark.parametrize(
    "tasks", [{"a": ["low", "high"]}, {"b": ["high", "low"]}]
)
def test_other_classes_than_the_models_are_refused(tasks):
    with pytest.raises(UserError, match="own is not the one that the model"):
        kinds = dict.fromkeys(tasks, ONE_LABEL)
        inference.check_classes(Reader(), "own", tasks, kinds)
    inference.check_classes(Reader(), "own", Reader.class_names, Reader.kinds)
