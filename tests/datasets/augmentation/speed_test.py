"""Windows at another speed: their pitch, their ends, and what they hold."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats

from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.speed import Speed
from audio_diffstride.datasets.augmentation.time_shift import TimeShift
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.windows import TrainingWindows

WINDOW = 1600
SINE_PERIOD = 20  # samples


def clips(*recordings):
    lengths = np.array([len(recording) for recording in recordings])
    return Clips(
        samples=np.concatenate(recordings).astype(np.int16),
        offsets=np.cumsum(lengths) - lengths,
        lengths=lengths,
        labels={"a": np.arange(len(lengths), dtype=np.int32)},
        files=[""] * len(lengths),
        starts_s=[0.0] * len(lengths),
        groups=[""] * len(lengths),
    )


def sine(size):
    return 10_000 * np.sin(2 * np.pi * np.arange(size) / SINE_PERIOD)


def cut(recording, start, piece):
    return Speed(10.0).cut(
        *(clips(recording), np.array([0]), np.array([start])),
        *(np.array([piece]), WINDOW),
    )[0]


@pytest.mark.parametrize("piece", [1440, 1500, 1599, 1601, 1760])
def test_a_window_is_its_piece_at_the_speed_of_their_lengths(piece):
    """Also at its ends, which a resampler without margins would fade."""
    window = cut(sine(5000), 1000, piece)
    places = np.arange(WINDOW) * piece / WINDOW
    wave = np.exp(2j * np.pi * places / SINE_PERIOD)
    fit = 2 * np.vdot(wave, window) / WINDOW  # amplitude and phase
    np.testing.assert_allclose(np.abs(fit), 10_000, rtol=1e-3)
    assert np.abs((fit * wave).real - window).max() < 12
    # It begins within a sample of the piece.
    expected = 2 * np.pi * 1000 / SINE_PERIOD - np.pi / 2
    error = np.angle(fit * np.exp(-1j * expected))
    assert abs(error) < 2 * np.pi / SINE_PERIOD


def test_a_window_is_the_one_that_scipy_resamples():
    rng = np.random.default_rng(0)
    low = scipy.signal.firwin(101, 0.5)
    noise = np.convolve(rng.normal(0, 8000, 6000), low, "same")
    window = cut(noise, 1009, 1500)  # 16 for every 15 samples
    # 68 of them are of the margin of 64, so they begin at 945 + 63.75.
    first = 1076
    assert first * 15 / 16 == 1009 - 64 + 68 * 15 / 16
    whole = scipy.signal.resample_poly(np.rint(noise), 16, 15)
    difference = whole[first : first + WINDOW] - window
    assert np.abs(difference).max() < 0.02 * np.abs(window).max()


def test_a_piece_as_long_as_the_window_keeps_its_bits():
    recording = np.random.default_rng(0).integers(-32768, 32768, 5000)
    window = cut(recording, 700, WINDOW)
    np.testing.assert_array_equal(window, recording[700 : 700 + WINDOW])


def test_speeds_are_uniform():
    numbers = np.random.default_rng(0).random(2000)
    speeds = Speed(20.0).pieces(100_000, numbers) / 100_000
    assert scipy.stats.kstest(speeds, "uniform", (0.8, 0.4)).pvalue > 1e-3


def windows(recordings, percent=20.0, shift=0, **kwargs):
    augmentation = Augmentation(speed=Speed(percent), shift=TimeShift(shift))
    return TrainingWindows(
        *(clips(*recordings), WINDOW, 4, 50, 1),
        augmentation=augmentation,
        **kwargs,
    )


def test_no_silence_is_made_where_the_recording_goes_on():
    sequence = windows([np.full(2000, 10_000)])  # the longest piece is 1,920
    for step in range(50):
        # Near the ends of the recording the filter sees zeros beyond them.
        assert sequence[step][0][:, 40:-40].min() > 9_000
        assert (sequence[step][0] > 4_000).all()


def test_a_short_recording_is_there_as_a_whole():
    sequence = windows([np.full(500, 10_000)])
    for step in range(50):
        for window in sequence[step][0]:
            held = (window > 5_000).sum()
            assert 500 / 1.2 - 2 <= held <= 500 / 0.8 + 2


def test_a_batch_is_a_function_of_seed_and_step_alone():
    recordings = [sine(size) for size in (5000, 900, 1600)]
    forward = [windows(recordings, shift=200)[step][0] for step in range(10)]
    backward = windows(recordings, shift=200)
    for step in reversed(range(10)):
        np.testing.assert_array_equal(backward[step][0], forward[step])
    part = windows(recordings, shift=200, rows=slice(1, 3))
    np.testing.assert_array_equal(part[5][0], forward[5][1:3])
    resumed = windows(recordings, shift=200, first_step=6)
    np.testing.assert_array_equal(resumed[3][0], forward[9])
