"""Recordings read block by block."""

import os
import tracemalloc

import numpy as np
import pytest
import soundfile

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.windows import EvaluationWindows
from audio_diffstride.errors import UserError
from audio_diffstride.predict import streams
from tests.support.synthetic import tone

# More than two blocks at the least of these rates.
SECONDS = 17.03


def read(path, sample_rate_hz=16000):
    return np.concatenate(list(streams.read_blocks(path, sample_rate_hz)))


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 44100, 48000])
@pytest.mark.parametrize("kind", [("wav", "PCM_16"), ("flac", "PCM_24")])
def test_a_stream_is_what_read_audio_reads(rate_hz, kind, tmp_path):
    path = tmp_path / f"a.{kind[0]}"
    noise = np.random.default_rng(0).normal(0, 0.2, round(SECONDS * rate_hz))
    soundfile.write(path, noise, rate_hz, subtype=kind[1])
    np.testing.assert_array_equal(read(path), read_audio(path))


@pytest.mark.parametrize("suffix", ["ogg", "mp3"])
def test_a_lossy_stream_has_no_clicks_between_blocks(suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    noise = np.random.default_rng(0).normal(0, 0.2, round(SECONDS * 22050))
    soundfile.write(path, noise, 22050)
    np.testing.assert_allclose(
        read(path).astype(int), read_audio(path).astype(int), atol=1
    )


def test_channels_are_mixed_down(tmp_path):
    stereo = np.stack([tone(440, 5.0), tone(880, 5.0)], axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, 16000)
    path = tmp_path / "a.wav"
    np.testing.assert_array_equal(read(path), read_audio(path))
    np.testing.assert_array_equal(read(path, 8000), read_audio(path, 8000))


@pytest.mark.parametrize("hop", [1, 3, 7, 10])
@pytest.mark.parametrize("length", [1, 9, 10, 11, 20, 25, 40])
@pytest.mark.parametrize("block", [1, 4, 1000])
def test_windows_are_slices_of_the_padded_recording(length, hop, block):
    samples = np.arange(1, length + 1, dtype=np.int16)
    blocks = [samples[i : i + block] for i in range(0, length, block)]
    windows = list(streams.cut_windows(blocks, 10, hop))
    starts = [window.start_sample for window in windows]
    assert starts == list(range(0, max(length - 10, 0) + hop, hop))
    padded = np.concatenate([samples, np.zeros(20, np.int16)])
    for window in windows:
        start = window.start_sample
        np.testing.assert_array_equal(
            window.samples, padded[start : start + 10]
        )
        assert window.held_samples == np.count_nonzero(window.samples)
    # Only the last one reaches the end, and it alone may be padded.
    ends = [w.start_sample + w.held_samples == length for w in windows]
    assert ends == [False] * (len(windows) - 1) + [True]
    assert not any(window.padded for window in windows[:-1])
    assert windows[-1].padded == (starts[-1] + 10 > length)


@pytest.mark.parametrize("length", [5, 10, 25, 31])
def test_consecutive_windows_are_those_of_evaluation(length):
    samples = np.arange(1, length + 1, dtype=np.int16)
    clips = Clips(
        samples=samples,
        offsets=np.array([0]),
        lengths=np.array([length]),
        labels={},
        files=["a"],
        starts_s=[0.0],
        groups=[""],
    )
    expected = EvaluationWindows(clips, 10, 100)
    windows = list(streams.cut_windows([samples], 10, 10))
    np.testing.assert_array_equal(
        np.stack([window.samples for window in windows]), expected[0][0]
    )
    np.testing.assert_allclose(
        [window.held_samples / 10 for window in windows], expected.weights
    )


def test_memory_does_not_grow_with_the_length(tmp_path):
    peaks = {}
    for minutes in (1, 20):
        path = tmp_path / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", 8000, 1) as file:
            for _ in range(minutes):
                file.write(np.zeros(60 * 8000, np.int16))
        tracemalloc.start()
        blocks = streams.read_blocks(path)
        count = sum(1 for _ in streams.cut_windows(blocks, 16000, 4000))
        peaks[minutes] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 1 + (minutes * 60 - 1) * 4
    whole = 20 * 60 * 16000 * 2  # bytes
    assert peaks[20] < 1.1 * peaks[1] < whole / 5


def test_what_cannot_be_read_says_which_file_and_why(tmp_path):
    (tmp_path / "text.wav").write_text("no audio")
    bad = np.zeros(200000)
    bad[-1] = np.nan
    soundfile.write(tmp_path / "nan.wav", bad, 16000, subtype="FLOAT")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 16000)
    for name, message in (
        ("text.wav", "cannot be read as audio: Format not recognised"),
        ("missing.wav", "cannot be read as audio"),
        ("nan.wav", "not finite"),
        ("empty.wav", "no audio samples"),
    ):
        with pytest.raises(UserError, match=f"{name}.*{message}"):
            read(tmp_path / name)
    with pytest.raises(UserError, match="text.wav cannot be read"):
        streams.read_header(tmp_path / "text.wav")


def test_a_name_that_is_not_utf8_is_read(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.wav")
    soundfile.write(os.fsencode(path), tone(440), 16000)
    ((found, _),) = streams.find_recordings([tmp_path])
    assert found == path
    assert streams.read_header(found) == (0.5, 16000)
    assert len(read(found)) == 8000


def test_folders_are_searched_in_order_and_nothing_comes_twice(tmp_path):
    for name in ("b/2.wav", "b/1.FLAC", "a.mp3", "b/notes.txt", "b/c/0.ogg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    last = tmp_path / "b" / "2.wav"
    text = tmp_path / "b" / "notes.txt"
    found = streams.find_recordings([last, tmp_path, text])
    assert [str(name) for _, name in found] == [
        "2.wav",
        "a.mp3",
        "b/1.FLAC",
        "b/c/0.ogg",
        "notes.txt",
    ]
    with pytest.raises(UserError, match="nowhere does not exist"):
        streams.find_recordings([tmp_path / "nowhere"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no recording in .*empty"):
        streams.find_recordings([tmp_path / "empty"])


@pytest.mark.parametrize(
    "name, kind",
    [
        ("m.csv", "a table"),
        ("M.TXT", "a table"),
        ("m.xlsx", "a spreadsheet"),
        ("m.zip", "an archive"),
    ],
)
def test_a_table_or_an_archive_is_no_recording(name, kind, tmp_path):
    path = tmp_path / name
    path.touch()
    with pytest.raises(UserError, match=f"{name} is {kind}, not a recording"):
        streams.find_recordings([path])
    # Among recordings it is listed with the bad files.
    (tmp_path / "a.wav").touch()
    assert len(streams.find_recordings([path, tmp_path / "a.wav"])) == 2


def test_a_header_without_a_length_has_0_seconds(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.wav", tone(440), 16000)
    assert streams.read_header(tmp_path / "a.wav") == (0.5, 16000)
    monkeypatch.setattr(streams.reading, "frames_in_header", lambda file: None)
    assert streams.read_header(tmp_path / "a.wav") == (0, 16000)
