"""Each change reaches the windows, by numbers of its own: NumPy's Philox."""

import numpy as np

from audio_diffstride.datasets.augmentation.background import Background
from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.speed import Speed
from audio_diffstride.datasets.augmentation.time_shift import TimeShift
from audio_diffstride.datasets.windows import TrainingWindows
from tests.datasets.augmentation.speed_test import clips

SEED, STEP, BATCH, WINDOW = 5, 3, 6, 1000
PURPOSES = {"shift": 4, "background": 6, "speed": 7}  # as in earlier versions


def numbers(purpose, rows):
    philox = np.random.Philox(
        key=[SEED, PURPOSES[purpose]], counter=[0, 0, 0, STEP]
    )
    return np.random.Generator(philox).random(rows)


def batch(source, first_row=0, **changes):
    sequence = TrainingWindows(
        *(source, WINDOW, BATCH, STEP + 1, SEED),
        augmentation=Augmentation(**changes),
        first_row=first_row,
    )
    return sequence[STEP][0].astype(float)


def test_a_window_has_the_speed_of_its_row():
    """A ramp that is played faster is steeper."""
    ramp = clips(np.arange(30_000))
    for first_row in (0, 2):
        found = batch(ramp, first_row, speed=Speed(20.0))
        drawn = numbers("speed", first_row + BATCH)[first_row:]
        slopes = (found[:, -1] - found[:, 0]) / (WINDOW - 1)
        np.testing.assert_allclose(slopes, 0.8 + 0.4 * drawn, atol=0.01)
    np.testing.assert_array_equal(np.diff(batch(ramp)), 1)


def test_a_window_is_shifted_by_the_number_of_its_row():
    """Its recording is as long, so all shifts are equally likely."""
    source = clips(np.arange(1, WINDOW + 1))
    for first_row in (0, 2):
        found = batch(source, first_row, shift=TimeShift(300))
        drawn = numbers("shift", first_row + BATCH)[first_row:]
        for window, number in zip(found, drawn):
            start = np.floor(number * 601) - 300
            expected = np.arange(1, WINDOW + 1) + start
            expected[(expected < 1) | (expected > WINDOW)] = 0
            np.testing.assert_array_equal(window, expected)


def test_the_rows_whose_number_is_below_the_share_get_a_background():
    noise = np.random.default_rng(0).normal(0, 3000, 5000)
    source = clips(np.random.default_rng(1).normal(0, 3000, 9000))
    background = Background(clips(noise), (0.0, 0.0), 0.5)
    for first_row in (0, 2):
        plain = batch(source, first_row)
        found = batch(source, first_row, background=background)
        changed = (found != plain).any(axis=1)
        philox = numbers("background", (first_row + BATCH, 4))[first_row:]
        np.testing.assert_array_equal(changed, philox[:, 0] < 0.5)
        assert 0 < changed.sum() < BATCH
