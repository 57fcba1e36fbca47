"""Listening, from the command to its files."""

import os
import pathlib
import signal
import sys
import threading
import time
import types

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call, main
from audio_diffstride.errors import UserError
from tests.support import predicted
from tests.support.predicted import read
from tests.support.synthetic import tone

pytestmark = pytest.mark.usefixtures("eager_forward")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """{rate: a wav whose classes change}; that of 44.1 kHz is stereo."""
    folder = tmp_path_factory.mktemp("recordings")
    paths = {}
    for rate_hz, seconds, channels in ((16000, 125.1, 1), (44100, 20.3, 2)):
        count = round(seconds * rate_hz)
        sweep = tone(700, seconds, rate_hz) * np.sin(np.arange(count) / 40000)
        noise = np.random.default_rng(0).normal(0, 0.1, count)
        samples = sweep + noise * np.linspace(0, 1, count)
        stereo = np.stack([samples] * channels, axis=1) * 0.5
        paths[rate_hz] = folder / f"{rate_hz}.wav"
        soundfile.write(paths[rate_hz], stereo, rate_hz)
    return paths


def run(workdir, *more):
    """The exit status of the command, with standard input as its source."""
    words = ["-", "--workdir", workdir, *more]
    return call("listen", list(map(str, words)))


def raw(path, start=0, end=None):
    samples, _ = soundfile.read(path, dtype="int16")
    return samples[start:end].astype("<i2").tobytes()


def rows_of(path):
    """The rows of a table without the name of the recording and the score."""
    rows = read(path)
    return (
        [tuple(list(row.values())[1:-1]) for row in rows],
        [float(row["score"]) for row in rows],
    )


def heard_and_predicted(workdir, path, pipe_in, folder, *more):
    """The rows of both commands, after their scores are compared."""
    predicted.run(workdir, folder / "p.csv", path, "--overwrite", *more)
    pipe_in(path.read_bytes())
    words = ["--output", folder / "h.csv", "--overwrite", *more]
    assert run(workdir, *words) == 0
    found, heard_scores = rows_of(folder / "h.csv")
    expected, scores = rows_of(folder / "p.csv")
    # The windows are equal to the bit. Scores differ in what batches round.
    np.testing.assert_allclose(heard_scores, scores, atol=5e-6)
    assert {row["file"] for row in read(folder / "h.csv")} == {"stdin"}
    return found, expected


@pytest.mark.parametrize("rate_hz", [16000, 44100])
def test_a_wav_in_a_pipe_has_the_detections_of_predict(
    rate_hz, workdir, recordings, pipe_in, tmp_path, compiled_forward
):
    source = workdir, recordings[rate_hz], pipe_in, tmp_path
    found, expected = heard_and_predicted(*source, "--hop_s", 0.35)
    assert found == expected and len(found) > 80


def test_merged_detections_are_those_of_predict(
    workdir, recordings, pipe_in, tmp_path, compiled_forward
):
    source = workdir, recordings[44100], pipe_in, tmp_path
    windows, _ = heard_and_predicted(*source)
    scores = rows_of(tmp_path / "p.csv")[1]
    limit = float(np.median(scores)) + 1e-5  # between two scores
    merged, expected = heard_and_predicted(
        *source, "--merge", "--threshold", limit
    )
    assert merged == expected
    assert 0 < len(merged) < len(windows) / 2


@pytest.mark.parametrize("kind", ["raven", "audacity"])
def test_the_other_formats_are_those_of_predict(
    kind, workdir, recordings, pipe_in, tmp_path, monkeypatch
):
    path = tmp_path / "stdin"  # the name is in the table
    path.write_bytes(recordings[16000].read_bytes()[: 44 + 32000 * 5])
    monkeypatch.chdir(tmp_path)
    more = ["--format", kind, "--task", "bird", "--threshold", 0.3]
    os.rename(path, "stdin.wav")
    predicted.run(workdir, "p.txt", "stdin.wav", *more)
    pipe_in(raw("stdin.wav"))
    rate = ["--sample_rate_hz", 16000]
    assert run(workdir, "--output", "h.txt", *rate, *more) == 0
    expected = pathlib.Path("p.txt").read_text().replace("stdin.wav", "stdin")
    assert len(expected.splitlines()) > 3
    assert pathlib.Path("h.txt").read_text() == expected


def test_seconds_end_it_at_a_sample(workdir, recordings, pipe_in, tmp_path):
    """An endless pipe is heard as a recording of this length."""
    soundfile.write(
        tmp_path / "a.wav",
        soundfile.read(recordings[16000], 33600, dtype="int16")[0],
        16000,
    )
    predicted.run(workdir, tmp_path / "p.csv", tmp_path / "a.wav")
    pipe_in(raw(recordings[16000], 0, 320000))
    words = ["--sample_rate_hz", 16000, "--seconds", 2.1]
    assert run(workdir, "--output", tmp_path / "h.csv", *words) == 0
    assert rows_of(tmp_path / "h.csv")[0] == rows_of(tmp_path / "p.csv")[0]


def test_ctrl_c_ends_it_with_everything_heard_on_disk(
    workdir, recordings, pipe_in, tmp_path, capsys
):
    output = tmp_path / "h.csv"
    is_tested = threading.Event()

    def stop():  # when some rows are on disk; the sound does not end
        while not (output.exists() and output.read_text().count("\n") > 8):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        is_tested.wait()

    pipe_in(raw(recordings[16000], 0, 64000), before_end=stop)
    words = ["--sample_rate_hz", 16000, "--output", output]
    assert run(workdir, *words) == 0
    is_tested.set()
    found, _ = rows_of(output)
    heard = round(float(found[-1][1]) * 16000)
    assert f"{heard / 16000:.1f} s of sound in " in capsys.readouterr().err
    start = tmp_path / "start.wav"
    samples, _ = soundfile.read(recordings[16000], heard, dtype="int16")
    soundfile.write(start, samples, 16000)
    predicted.run(workdir, tmp_path / "p.csv", start)
    assert found == rows_of(tmp_path / "p.csv")[0]


def test_what_is_cut_off_is_told_and_its_detections_are_kept(
    workdir, recordings, pipe_in, tmp_path, capsys
):
    pipe_in(recordings[44100].read_bytes()[: 44 + 44100 * 4 + 3])
    assert run(workdir, "--output", tmp_path / "h.csv") == 1
    printed = capsys.readouterr()
    assert "stdin is cut off after 1.000 s of the 20.300 s" in printed.err
    assert "\nlost: sound of unknown length, 1 time\n" in printed.err
    assert len(read(tmp_path / "h.csv")) == 6
    # A line for each detection, as standard output is no terminal.
    assert printed.out.count("\n") == 6
    assert printed.out.startswith("0:00.00 - 0:00.40  pitch  0.")


def test_a_named_pipe_is_heard(workdir, recordings, tmp_path):
    path = tmp_path / "sound"
    os.mkfifo(path)
    data = recordings[16000].read_bytes()[: 44 + 32000 * 2]
    # As of a program that does not know the length yet.
    data = data[:40] + b"\xff" * 4 + data[44:]
    threading.Thread(target=path.write_bytes, args=[data], daemon=True).start()
    words = [path, "--workdir", workdir, "--output", tmp_path / "h.csv"]
    assert call("listen", list(map(str, words))) == 0
    assert {row["file"] for row in read(tmp_path / "h.csv")} == {str(path)}
    assert read(tmp_path / "h.csv")[-1]["end_s"] == "2.0"


@pytest.mark.parametrize(
    ("data", "words", "message"),
    [
        (b"", ["--sample_rate_hz", 16000], "stdin ended without any sound"),
        (b"\1", ["--sample_rate_hz", 16000], "stdin ended without any sound"),
        (b"\1" * 99, [], "stdin is not a WAV; state the form of its samples"),
        (b"fLaC....", ["--sample_rate_hz", 8000], "stdin is flac, but must"),
        (b"RIFF....WAVEfmt ", [], "begins as a WAV, but its header cannot"),
        (b"RIFF....WAVE", ["--channels", 1], "is a WAV, which states its own"),
        (b"", ["--sample_rate_hz", 5], "--sample_rate_hz is 5, but must be"),
        (b"", ["--channels", 0], "--channels is 0, but must be at least 1"),
        (b"", ["--seconds", 0], "--seconds is 0, but must be more than 0"),
        (b"", ["--seconds", "nan"], "--seconds is nan, but must be more"),
        (b"", ["--device", "usb"], "--device is for the microphone"),
        (b"", ["--output", "."], "--output is ., but must end in a name"),
        (b"", ["--output", "folder"], "--output folder is a folder; give the"),
        (b"", ["--output", "taken.csv"], "taken.csv is there already"),
        (b"", ["--format", "parquet"], "invalid choice: 'parquet'"),
        (b"", ["--task", "digit"], "no task digit; it has pitch, bird"),
        (b"", ["--hop_s", 1], "hop_s 1 is longer than a window"),
        (b"", ["--precision", 0.9], "calibrate"),
    ],
)
def test_mistakes_are_reported_and_nothing_is_written(
    data, words, message, workdir, pipe_in, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "taken.csv").write_text("mine")
    pipe_in(data)
    with pytest.raises(UserError, match=message):
        run(workdir, "--output", "h.csv", *words)
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "taken.csv"}
    assert (tmp_path / "taken.csv").read_text() == "mine"


def test_a_source_that_is_no_pipe_is_told(workdir, tmp_path, monkeypatch):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    for source, message in (
        (tmp_path / "a.wav", "a.wav is a file; find its classes by audio-diff"),
        (tmp_path, "is a folder; give a named pipe"),
        (tmp_path / "no", "no cannot be opened: No such file or directory"),
    ):
        words = [source, "--workdir", workdir]
        with pytest.raises(UserError, match=message):
            call("listen", list(map(str, words)))
    terminal = types.SimpleNamespace(isatty=lambda: True, closed=False)
    for stdin, message in (
        (terminal, "standard input is a terminal"),
        (None, "standard input is closed"),
    ):
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(UserError, match=message):
            run(workdir)


def test_an_empty_pipe_is_one_sentence(workdir, pipe_in, capsys):
    pipe_in(b"")
    with pytest.raises(SystemExit):
        main(["listen", "-", f"--workdir={workdir}", "--sample_rate_hz=8000"])
    printed = capsys.readouterr().err
    assert printed.endswith("\nerror: stdin ended without any sound\n")
