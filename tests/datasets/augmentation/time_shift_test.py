"""Windows that begin earlier or later: where, and with what in them."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats

from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.time_shift import TimeShift
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.training import batches
from tests.datasets.windows_test import make_clips
from tests.support.synthetic import tiny_config, write_store

WINDOW = 100


def windows(lengths, max_samples, **kwargs):
    augmentation = Augmentation(shift=TimeShift(max_samples))
    return TrainingWindows(
        *(make_clips(lengths), WINDOW, 4, 200, 1),
        augmentation=augmentation,
        **kwargs,
    )


def starts(max_samples, count=3000, length=WINDOW):
    numbers = np.random.default_rng(0).random(count)
    shape = np.zeros(count, np.int64), np.full(count, length)
    return TimeShift(max_samples).move(*shape, WINDOW, numbers)


def test_every_shift_is_equally_likely():
    found = np.bincount(starts(7) + 7)
    assert len(found) == 15
    assert scipy.stats.chisquare(found).pvalue > 1e-3


@pytest.mark.parametrize("length", [1, 30, 99, 100, 101, 450])
def test_half_of_what_a_window_can_hold_stays(length):
    found = starts(10**6, length=length)
    held = np.minimum(found + WINDOW, length) - np.maximum(found, 0)
    assert held.min() == (min(length, WINDOW) + 1) // 2
    kept = held.min()
    assert (
        scipy.stats.kstest(
            found + np.random.default_rng(1).random(len(found)),
            "uniform",
            (kept - WINDOW, length + WINDOW - 2 * kept + 1),
        ).pvalue
        > 1e-3
    )


def test_a_window_as_long_as_its_recording_is_shifted_and_padded_with_zeros():
    sequence = windows([WINDOW], 20)
    whole = np.arange(1, WINDOW + 1)
    seen = set()
    for step in range(100):
        for window in sequence[step][0]:
            (shift,) = [
                shift
                for shift in range(-20, 21)
                if (scipy.ndimage.shift(whole, shift, order=0) == window).all()
            ]
            seen.add(shift)
    assert len(seen) == 41


def test_where_the_recording_goes_on_there_are_no_zeros():
    # A window from 0 on shows what follows it, and zeros before it only.
    sequence = windows([350], 30)
    for step in range(100):
        for window in sequence[step][0]:
            sound = window[window != 0]
            assert (np.diff(sound) == 1).all()
            if len(sound) < WINDOW:
                assert sound[0] == 1 or sound[-1] == 350


def test_a_shift_is_a_function_of_seed_and_step_alone():
    lengths = [300, 80, 100, 100]
    forward = [windows(lengths, 20)[step][0] for step in range(20)]
    backward = windows(lengths, 20)
    for step in reversed(range(20)):
        np.testing.assert_array_equal(backward[step][0], forward[step])
    part = windows(lengths, 20, rows=slice(1, 3))
    np.testing.assert_array_equal(part[5][0], forward[5][1:3])
    resumed = windows(lengths, 20, first_step=7)
    np.testing.assert_array_equal(resumed[3][0], forward[10])


def test_a_config_says_the_shift_in_seconds(tmp_path):
    config = tiny_config()
    config.window_s = 0.5  # as long as the recordings
    store = write_store(tmp_path / "store")
    plain = batches.training_examples(config, [store])[0][0]
    config.augmentation.time_shift_s = 0.1
    shifted = batches.training_examples(config, [store])[0][0]
    padding = [
        max(np.flatnonzero(row)[0], len(row) - 1 - np.flatnonzero(row)[-1])
        for row in shifted
    ]
    assert 0 < max(padding) <= 1600
    assert (plain != shifted).any()
