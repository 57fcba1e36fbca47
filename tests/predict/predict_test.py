"""Predictions on recordings, from the command to its files."""

import csv
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import scipy.special
import soundfile

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference
from audio_diffstride.predict.scoring import WindowScorer
from audio_diffstride.predict.streams import cut_windows
from audio_diffstride.runs import loading
from tests.support.predicted import (
    LENGTHS_S,
    TASKS,
    WINDOW_SAMPLES,
    contents,
    read,
    run,
)
from tests.support.synthetic import tone

pytestmark = pytest.mark.usefixtures("eager_forward")

ROOT = pathlib.Path(__file__).parents[2]


def evaluated(model, path):
    """What evaluation makes of one recording: {task: logits}."""
    samples, _ = soundfile.read(path, dtype="int16")
    clips = Clips(
        samples=samples,
        offsets=np.array([0]),
        lengths=np.array([len(samples)]),
        labels=dict.fromkeys(TASKS),
        files=[""],
        starts_s=[0.0],
        groups=[""],
    )
    return inference.recording_logits(model, clips, WINDOW_SAMPLES)


def test_averaged_scores_are_those_of_evaluation(
    workdir, recordings, tmp_path, compiled_forward
):
    output = tmp_path / "o.csv"
    names = [recordings / name for name in LENGTHS_S]
    assert run(workdir, output, *names, "--average", "--top", "all") == 0
    rows = read(output)
    assert len(rows) == 3 * 5
    model = loading.load_model(workdir)
    for name in names:
        for task, logits in evaluated(model, name).items():
            expected = scipy.special.softmax(logits[0])
            mine = {
                row["class"]: float(row["score"])
                for row in rows
                if row["file"] == str(name) and row["task"] == task
            }
            scores = [mine[label] for label in TASKS[task]]
            np.testing.assert_allclose(scores, expected, atol=2e-6)
            assert list(mine.values()) == sorted(scores, reverse=True)


def test_windows_lie_where_they_should_and_the_last_is_marked(
    workdir, recordings, tmp_path
):
    arguments = [recordings / "a.wav", "--task", "bird", "--hop_s", 0.25]
    assert run(workdir, tmp_path / "o.csv", *arguments) == 0
    times = [
        (float(row["start_s"]), float(row["end_s"]), row["padded"])
        for row in read(tmp_path / "o.csv")
    ]
    assert times == [
        (0.0, 0.4, "false"),
        (0.25, 0.65, "false"),
        (0.5, 0.9, "false"),
        (0.75, 1.0, "true"),
    ]


def test_a_hop_of_no_whole_samples_does_not_drift(
    workdir, recordings, tmp_path
):
    arguments = [recordings / "b" / "long.wav", "--hop_s", 0.1 + 1e-7]
    assert run(workdir, tmp_path / "o.csv", *arguments) == 0
    rows = [r for r in read(tmp_path / "o.csv") if r["task"] == "bird"]
    starts = [row["start_s"] for row in rows]
    assert starts == [repr(1600 * k / 16000) for k in range(138)]


def test_unreadable_recordings_are_reported_and_the_rest_is_predicted(
    workdir, recordings, tmp_path, capsys
):
    output = tmp_path / "o.csv"
    assert run(workdir, output, recordings) == 1
    predicted = {row["file"] for row in read(output)}
    assert predicted == {str(recordings / name) for name in LENGTHS_S}
    errors = read(f"{output}.errors.csv")
    broken = str(recordings / "b" / "broken.wav")
    assert [row["file"] for row in errors] == [broken]
    assert "Format not recognised" in errors[0]["error"]
    printed = capsys.readouterr()
    assert f"error: {broken} cannot be read as audio" in printed.err
    assert "3 recordings, 15.3 s of sound" in printed.out
    # The next run leaves no old errors behind.
    assert run(workdir, output, recordings / "a.wav", "--overwrite") == 0
    assert {path.name for path in tmp_path.iterdir()} == {"o.csv"}


def test_a_recording_that_is_cut_off_is_predicted_and_reported(
    workdir, recordings, tmp_path, capsys
):
    path = tmp_path / "in" / "cut.wav"
    path.parent.mkdir()
    path.write_bytes((recordings / "a.wav").read_bytes()[: 44 + 16000])
    os.symlink("nowhere", tmp_path / "in" / "gone.wav")
    output = tmp_path / "o.csv"
    assert run(workdir, output, path.parent) == 1
    assert {row["file"] for row in read(output)} == {str(path)}
    cut, gone = read(f"{output}.errors.csv")
    assert cut["file"] == str(path)
    assert "holds 0.500 s of the 1.000 s that it promises" in cut["error"]
    assert "No such file" in gone["error"]
    printed = capsys.readouterr()
    assert f"warning: {path} is cut off" in printed.err
    assert "1 unreadable, 1 cut off" in printed.out


@pytest.mark.parametrize("taken", ["o.csv", "o.csv.errors.csv", "o/a.wav"])
def test_nothing_is_overwritten_unasked(taken, workdir, recordings, tmp_path):
    output, kind = tmp_path / "o.csv", ()
    if taken.startswith("o/"):
        output, kind = tmp_path / "o", ("--format", "audacity")
        taken += ".labels.txt"
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("mine")
    with pytest.raises(UserError, match=f"{taken} is there already; give ano"):
        run(workdir, output, recordings / "a.wav", *kind)
    assert contents(tmp_path) == {taken: b"mine"}
    arguments = [recordings / "a.wav", *kind, "--overwrite"]
    assert run(workdir, output, *arguments) == 0
    assert b"mine" not in contents(tmp_path).values()


def test_audacity_and_raven_have_a_file_per_recording(
    workdir, recordings, tmp_path
):
    arguments = [recordings, "--merge", "--format"]
    assert run(workdir, tmp_path / "labels", *arguments, "audacity") == 1
    assert run(workdir, tmp_path / "tables", *arguments, "raven") == 1
    for folder, suffix in (("labels", "labels"), ("tables", "selections")):
        names = set(contents(tmp_path / folder))
        assert names == {f"{name}.{suffix}.txt" for name in LENGTHS_S}
    text = (tmp_path / "labels" / "a.wav.labels.txt").read_text()
    for line in text.splitlines():
        start_s, end_s, label = line.split("\t")
        assert 0 <= float(start_s) < float(end_s) <= 1
        assert label.split(": ")[0] in TASKS
    output = tmp_path / "o.txt"
    one = recordings / "a.wav"
    assert run(workdir, output, one, "--format", "audacity", "--merge") == 0
    assert output.read_text() == text


def test_a_low_sample_rate_bounds_the_band(workdir, tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(440, 1.0, 8000), 8000)
    output = tmp_path / "o.txt"
    run(workdir, output, tmp_path / "a.wav", "--format", "raven")
    with open(output, newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert {row["High Freq (Hz)"] for row in rows} == {"4000.0"}


def test_the_number_of_windows_traces_nothing_anew(
    workdir, monkeypatch, compiled_forward
):
    model = loading.load_model(workdir)
    traced = []
    call = model.call
    monkeypatch.setattr(
        model,
        "call",
        lambda x, **kw: traced.append(x.shape[0]) or call(x, **kw),
    )
    scorer = WindowScorer(model, WINDOW_SAMPLES)
    noise = np.random.default_rng(0).integers(-9999, 9999, 40 * WINDOW_SAMPLES)
    scores = {}
    for count in (40, 3, 8, 1, 9, 33):
        blocks = [noise[: count * WINDOW_SAMPLES].astype(np.int16)]
        windows = cut_windows(blocks, WINDOW_SAMPLES, WINDOW_SAMPLES)
        batches = list(scorer(windows))
        scores[count] = [w.logits["bird"] for batch in batches for w in batch]
        assert len(scores[count]) == count
    for count, logits in scores.items():
        np.testing.assert_allclose(logits, scores[40][:count], atol=1e-5)
    assert sorted(traced) == [1, 8, 32]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nowhere"], "nowhere does not exist"),
        (["a.wav", "--task", "digit"], "no task digit; it has pitch, bird"),
        (["a.wav", "--hop_s", 0.5], "hop_s 0.5 is longer than a window of 0.4"),
        (["a.wav", "--window_s", 0], "window_s must be more than 0 and less"),
        (["a.wav", "--window_s", "nan"], "window_s must be more than 0"),
        (
            ["a.wav", "--top", "0"],
            "--top is 0, but must be a number from 1, or 'all'",
        ),
        (
            ["a.wav", "--threshold", 1.5],
            "--threshold is 1.5, but must be from 0 to 1",
        ),
        (
            ["a.wav", "--output", "b"],
            "--output b is a folder, but --format csv writes a file",
        ),
        (["a.wav", "--output", "."], "--output is ., but must end in a name"),
        (["a.wav", "--workdir", "b"], "b is not the work directory of a run"),
        (["a.wav", "--model", "last"], "has no last.keras"),
        (
            ["b", "--format", "raven", "--output", "o.txt"],
            "a file per recording",
        ),
        (
            ["b", "--format", "raven", "--output", "a.wav"],
            "--output a.wav is a file, but --format raven writes a folder",
        ),
    ],
)
def test_mistakes_are_reported(
    arguments, message, workdir, recordings, tmp_path, monkeypatch
):
    monkeypatch.chdir(recordings)
    before = contents(recordings)
    with pytest.raises(UserError, match=message):
        run(workdir, tmp_path / "o.csv", *arguments)
    assert contents(recordings) == before
    assert not list(tmp_path.iterdir())


def test_a_mistake_is_one_sentence_and_status_2(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "audio_diffstride", "predict", "nowhere.wav"]
        + ["--workdir", tmp_path, "--output", tmp_path / "o.csv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    expected = "error: nowhere.wav does not exist; give files or folders\n"
    assert done.stderr == expected
    assert not list(tmp_path.iterdir())
