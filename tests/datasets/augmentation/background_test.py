"""Background noise: its level, its places, and which windows get it."""

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.datasets.augmentation.background import Background
from audio_diffstride.datasets.clips import Clips

RNG = np.random.default_rng(0)
WINDOW = RNG.normal(0, 2000, 800).astype(np.int16)


def clips(*recordings):
    lengths = np.array([len(recording) for recording in recordings])
    return Clips(
        samples=np.concatenate(recordings).astype(np.int16),
        offsets=np.cumsum(lengths) - lengths,
        lengths=lengths,
        labels={},
        files=[""] * len(lengths),
        starts_s=[0.0] * len(lengths),
        groups=[""] * len(lengths),
    )


NOISES = [
    RNG.normal(0, std, size) for std, size in ((300, 4000), (3000, 800))
] + [RNG.normal(0, 1000, 100)]


def changed(window=WINDOW, count=300, recordings=NOISES, step=0, **fields):
    """Copies of a window, each with a background of its own, as float64."""
    fields = {"snr_db": (10, 10), "share": 1.0, **fields}
    windows = np.tile(np.asarray(window, np.int16), (count, 1))
    background = Background(clips(*recordings), **fields)
    background.apply(windows, 1, step, range(count))
    return windows.astype(np.float64)


def level(samples):
    return np.sqrt(np.mean(np.square(samples, dtype=float), axis=-1))


@pytest.mark.parametrize("snr_db", [-10, 0, 15])
def test_the_ratio_is_the_one_that_is_asked_for(snr_db):
    added = changed(snr_db=(snr_db, snr_db)) - WINDOW
    found = 20 * np.log10(level(WINDOW) / level(added))
    np.testing.assert_allclose(found, snr_db, atol=0.05)


def test_ratios_are_uniform_in_db():
    added = changed(snr_db=(0, 20)) - WINDOW
    found = 20 * np.log10(level(WINDOW) / level(added))
    test = scipy.stats.kstest(found, "uniform", (0, 20))
    assert test.pvalue > 1e-3


def test_a_share_of_the_windows_gets_it_and_the_others_keep_their_bits():
    windows = changed(share=0.3, count=1000)
    touched = (windows != WINDOW).any(axis=1)
    assert scipy.stats.binomtest(int(touched.sum()), 1000, 0.3).pvalue > 1e-3


def test_every_recording_and_place_is_equally_likely():
    ramp = np.arange(1, 1001)
    window = np.full(10, 10_000)
    added = changed(window, 4000, [ramp, -ramp], snr_db=(0, 0)) - window
    signs = np.sign(added.sum(axis=1))
    assert scipy.stats.binomtest(int((signs > 0).sum()), 4000).pvalue > 1e-3
    # A piece of a ramp from s on grows by 9 / (s + 4.5) of its mean.
    growth = (added[:, -1] - added[:, 0]) / added.mean(axis=1)
    early = np.mean(growth > 9 / (500 + 4.5))
    assert early == pytest.approx(0.5, abs=0.05)


def test_a_short_recording_is_repeated():
    ramp = np.arange(1, 8) * 1000
    added = changed(np.full(20, 5000), 30, [ramp], snr_db=(0, 0)) - 5000
    scale = np.abs(added).max(axis=1) / 7000
    for row, factor in zip(added, scale):
        first = round(row[0] / factor / 1000) - 1
        expected = ramp[(first + np.arange(20)) % 7] * factor
        np.testing.assert_allclose(row, expected, atol=1)


def test_silence_gets_nothing_and_silent_noise_adds_nothing():
    assert not changed(np.zeros(50), 5).any()
    same = changed(recordings=[np.zeros(2000)], count=5)
    assert (same == WINDOW).all()


def test_a_sum_beyond_full_scale_is_turned_down_as_a_whole():
    loud = np.rint(32767 * np.sin(np.arange(800) / 9))
    windows = changed(loud, 20, [NOISES[0]], snr_db=(0, 0))
    assert np.abs(windows).max(axis=1).tolist() == [32767] * 20
    # Two unknowns, the gain and the piece: the piece is known to the rest.
    for window in windows:
        gain = window @ loud / (loud @ loud)
        assert gain < 0.8
        rest = window - gain * loud
        assert level(gain * loud) / level(rest) == pytest.approx(1, abs=0.1)


def test_a_row_has_its_own_background_whoever_draws_it():
    whole = changed(count=8)
    windows = np.tile(WINDOW, (2, 1))
    background = Background(clips(*NOISES), (10, 10), 1.0)
    background.apply(windows, 1, 0, [5, 2])
    np.testing.assert_array_equal(windows, whole[[5, 2]])
    assert (changed(count=8, step=1) != whole).any(axis=1).sum() > 4
