"""What the test set shares with the training set is said."""

import dataclasses

import numpy as np
import pytest

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.evaluation import shared_recordings
from audio_diffstride.evaluation.shared_recordings import (
    describe,
    find_copies,
    find_near,
)

RATE_HZ = 16000


def clips(samples, files=None, groups=None):
    lengths = np.array([len(each) for each in samples], int)
    return Clips(
        samples=np.concatenate([*samples, np.zeros(0, np.int16)]),
        offsets=np.cumsum(lengths) - lengths,
        lengths=lengths,
        labels={},
        files=files or [f"{number}.wav" for number in range(len(samples))],
        starts_s=[0.0] * len(samples),
        groups=groups or [""] * len(samples),
    )


def noise(seed, length=400):
    rng = np.random.default_rng(seed)
    return rng.integers(-9999, 9999, length).astype(np.int16)


def test_nothing_is_said_where_nothing_is_shared():
    train = clips([noise(0), noise(1)], ["a", "b"], ["ann", ""])
    test = clips([noise(2), noise(3, 7)], ["c", "d"], ["bob", ""])
    assert [*describe("test", test, train, RATE_HZ)] == []
    assert [*describe("test", test, clips([]), RATE_HZ)] == []


@pytest.mark.parametrize("change", ["first", "last", "length", "order"])
def test_copies_are_the_same_in_every_sample(change):
    """Also where what is compared first, the middle, is the same."""
    sound = noise(0)
    other = sound.copy()
    if change == "first":
        other[0] += 1
    elif change == "last":
        other[-1] += 1
    elif change == "length":
        other = other[:-1]
    else:
        other[:2] = other[1], other[0]
    train = clips([noise(1), other, np.zeros(400, np.int16)])
    assert find_copies(clips([noise(5), sound]), train) == []
    train = clips([other, noise(1), sound, sound])
    assert find_copies(clips([noise(5), sound, sound]), train) == [1, 2]


def test_clips_of_one_sample_are_compared_too():
    one, two = (np.array([v], np.int16) for v in (1, 2))
    assert find_copies(clips([one, two]), clips([two])) == [1]


def test_silence_is_compared_as_a_whole():
    silence = np.zeros(400, np.int16)
    nearly = silence.copy()
    nearly[3] = 1
    train = clips([nearly] * 50)
    assert find_copies(clips([silence] * 50), train) == []
    assert find_copies(clips([nearly]), train) == [0]


def test_sounds_that_differ_in_the_middle_are_not_read_as_a_whole(monkeypatch):
    monkeypatch.setattr(shared_recordings, "_digest", None)
    sounds = [noise(number) for number in range(9)]
    assert find_copies(clips(sounds[:4]), clips(sounds[4:])) == []


def test_the_work_does_not_grow_with_the_copies_of_a_sound(monkeypatch):
    """Thousands of silent recordings are common."""
    count = [0]
    digest = shared_recordings._digest

    def counted(samples):
        count[0] += 1
        return digest(samples)

    monkeypatch.setattr(shared_recordings, "_digest", counted)
    monkeypatch.setattr(shared_recordings, "_CLIPS_AT_ONCE", 7)
    silence, nearly = np.zeros(400, np.int16), np.zeros(400, np.int16)
    nearly[3] = 1
    silent = clips([silence] * 30)
    assert find_copies(silent, clips([silence] * 50)) == [*range(30)]
    assert count[0] <= 30 + 1
    count[0] = 0
    assert find_copies(silent, clips([nearly] * 50)) == []
    assert count[0] <= 30 + 50


def test_each_thing_is_one_sentence():
    train = clips([noise(0), noise(1)], ["a", "b"], ["ann", "bob"])
    test = clips(
        [noise(0), noise(2), noise(3)], ["x", "b", "y"], ["eve", "bob", "bob"]
    )
    copies, files, groups = describe("test", test, train, RATE_HZ)
    assert copies.startswith(
        "1 of 3 test recordings are copies of training recordings, such as x;"
    )
    assert files.startswith(
        "1 of 3 test recordings are of files that training has other pieces "
        "of, such as b;"
    )
    assert groups.startswith("1 of 2 groups of the test recordings are in the")
    assert "such as bob" in groups
    unknown = dataclasses.replace(test, groups=["", "", ""], files=["", "", ""])
    assert len([*describe("test", unknown, train, RATE_HZ)]) == 1


def swept(seed, seconds=1.0):
    """Noise whose spectrum changes every 100 ms."""
    rng = np.random.default_rng(seed)
    pieces = []
    for _ in range(round(seconds / 0.1)):
        spectrum = rng.exponential(size=801) * np.exp(2j * rng.random(801) * 3)
        pieces.append(np.fft.irfft(spectrum, 1600))
    sound = np.concatenate(pieces)
    return (9999 * sound / np.abs(sound).max()).astype(np.int16)


def near(test, train):
    return find_near(test, train, RATE_HZ, find_copies(test, train))


def test_a_cut_and_softer_copy_is_near_and_an_exact_one_is_not():
    train = clips([swept(0), swept(1), swept(2)], ["a", "b", "c"])
    softer = (swept(1)[1234:] // 3).astype(np.int16)
    test = clips([swept(5), softer, swept(2)], ["d", "e", "f"])
    assert near(test, train) == [(1, 1)]
    copies, alike = describe("test", test, train, RATE_HZ)
    assert "copies" in copies and "e like b" in alike


def test_pieces_of_one_file_are_not_near():
    train = clips([swept(0)], ["a"])
    test = clips([swept(0)[800:]], ["a"])
    assert near(test, train) == []


def test_a_large_data_set_is_not_searched(monkeypatch):
    from audio_diffstride.evaluation import shared_recordings

    monkeypatch.setattr(shared_recordings, "_MAX_NEAR", 1)
    train, test = clips([swept(0)], ["a"]), clips([swept(0)[800:]], ["b"])
    assert near(test, train) == []
    monkeypatch.setattr(shared_recordings, "_MAX_NEAR", 2)
    assert near(test, train) == [(0, 0)]
