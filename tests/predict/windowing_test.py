"""Times of windows, by a model that adds up samples."""

import dataclasses
import pathlib
import types

import numpy as np
import pytest
import soundfile

from audio_diffstride.errors import UserError
from audio_diffstride.files.digests import digest_of_file
from audio_diffstride.predict.model_sources import ModelSource
from audio_diffstride.predict.scoring import ExportedScorer
from audio_diffstride.predict.windowing import RecordingScorer

RATE_HZ = 1000


def make_source(window_samples):
    sums = types.SimpleNamespace(
        window_samples=window_samples,
        logits=lambda windows: {"a": windows.sum(axis=1, dtype=int)[:, None]},
    )
    return ExportedScorer(sums)


SOURCE = ModelSource(
    path=pathlib.Path(__file__),
    class_names={"a": ["x"]},
    kinds={},
    rate_hz=RATE_HZ,
    band_hz=(0.0, 500.0),
    window_s=0.1,
    make_scorer=make_source,
    read_calibration=lambda: None,
)


def noise(num_samples):
    rng = np.random.default_rng(0)
    return rng.integers(-999, 999, num_samples).astype(np.int16)


@pytest.mark.parametrize("num_samples", [1, 99, 100, 101, 150, 1234, 3000])
@pytest.mark.parametrize("hop_s", [0.1, 0.025, 0.033])
def test_windows_and_their_times_are_slices(num_samples, hop_s, tmp_path):
    samples, path = noise(num_samples), tmp_path / "a.wav"
    soundfile.write(path, samples, RATE_HZ)
    seconds = []
    scorer = RecordingScorer(SOURCE, hop_s=hop_s)
    found = [*scorer.score_file(path, seconds.append)]
    hop = round(1000 * hop_s)
    starts = [*range(0, max(num_samples - 100, 0) + hop, hop)]
    assert [window.start_sample for window in found] == starts
    for window, start in zip(found, starts):
        held = samples[start : start + 100]
        assert window.end_sample == start + len(held)
        assert window.padded == (len(held) < 100)
        assert window.logits["a"] == held.sum(dtype=int)
    # Progress adds up to the length, and every part brings some.
    assert sum(seconds) == pytest.approx(num_samples / RATE_HZ)
    assert min(seconds) > 0
    assert [*scorer.score_file(path)] == found


def test_each_window_of_a_stream_comes_once_it_is_complete():
    """With one sample more: a window is padded only if it is the last."""
    read = []

    def blocks():
        for block in np.split(noise(300), 30):
            read.append(len(block))
            yield block

    scorer = RecordingScorer(SOURCE, hop_s=0.05)
    needed = [
        (window.end_sample, sum(read)) for window in scorer.one_by_one(blocks())
    ]
    assert needed == [(100, 110), (150, 160), (200, 210), (250, 260)] + [
        (300, 300)
    ]


def test_the_window_is_that_of_training_and_the_hop_is_a_window():
    scorer = RecordingScorer(SOURCE)
    assert (scorer.window_samples, scorer.hop_samples) == (100, 100)
    scorer = RecordingScorer(SOURCE, window_s=0.2)
    assert (scorer.window_samples, scorer.hop_samples) == (200, 200)
    scorer = RecordingScorer(SOURCE, window_s=0.2, hop_s=0.001)
    assert (scorer.window_samples, scorer.hop_samples) == (200, 1)


@pytest.mark.parametrize(
    "seconds", [0.0, -1.0, 0.0004, 3600.0, 1e300, float("nan"), float("inf")]
)
def test_a_length_without_samples_or_of_an_hour_is_refused(seconds):
    for name in ("window_s", "hop_s"):
        with pytest.raises(UserError, match=f"{name} must be more than 0"):
            RecordingScorer(SOURCE, **{name: seconds})


def test_a_hop_may_be_as_long_as_a_window_and_no_longer():
    assert RecordingScorer(SOURCE, hop_s=0.1).hop_samples == 100
    with pytest.raises(UserError, match="hop_s 0.101 is longer than a window"):
        RecordingScorer(SOURCE, hop_s=0.101)


def test_the_settings_are_all_that_the_scores_depend_on(tmp_path):
    settings = RecordingScorer(SOURCE, 0.2, 0.05).settings
    assert (settings["--window_s"], settings["--hop_s"]) == (0.2, 0.05)
    assert settings["the model's weights"] == digest_of_file(__file__)
    weights = tmp_path / "best.keras"
    weights.write_text("other")
    other = dataclasses.replace(SOURCE, path=weights)
    assert RecordingScorer(other, 0.2, 0.05).settings != settings
