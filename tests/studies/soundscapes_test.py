"""Soundscapes: digits where the table says, and levels as promised."""

import numpy as np

from studies import soundscapes
from studies.soundscapes import RATE_HZ, make

RNG = np.random.default_rng(0)
NOISES = [RNG.normal(0, 0.1, RATE_HZ * 5) for _ in range(3)]
DIGITS = [(str(n), RNG.normal(0, 0.1, 16000 + 500 * n)) for n in range(10)]


def test_a_soundscape_repeats_and_others_differ():
    one, other, third = (
        make(np.random.default_rng(seed), NOISES, DIGITS) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one[0], other[0])
    assert one[1] == other[1] != third[1]


def test_up_to_three_digits_are_spoken_at_once():
    sound, spoken = make(np.random.default_rng(0), NOISES, DIGITS)
    assert len(sound) == 60 * RATE_HZ
    assert np.abs(sound).max() <= 1
    ticks = np.arange(0, 60, 0.01)
    counts = sum(
        ((ticks >= each.start_s) & (ticks < each.end_s)).astype(int)
        for each in spoken
    )
    assert counts.max() == 3
    lengths = {name: len(voice) / RATE_HZ for name, voice in DIGITS}
    for each in spoken:
        assert abs(each.end_s - each.start_s - lengths[each.digit]) < 2e-4


def test_noise_alone_has_no_digits():
    sound, spoken = make(np.random.default_rng(0), NOISES, [])
    assert spoken == []
    assert 0.01 < np.std(sound) < 0.2


def test_the_test_split_shares_nothing_with_the_others():
    parts = [(s.speakers, s.folds) for s in soundscapes.SPLITS.values()]
    for of_parts in zip(*parts):
        together = [name for part in of_parts for name in part]
        assert len({*together}) == len(together)
