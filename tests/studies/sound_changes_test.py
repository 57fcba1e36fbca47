"""Changes of sound do what their names say, and repeat."""

import io

import numpy as np
import pytest
import soundfile

from audio_diffstride.datasets.clips import Clips
from audio_diffstride.errors import UserError
from studies import sound_changes
from studies.sound_changes import CHANGES
from tests.support.synthetic import tone

RATE_HZ = 16_000
RNG = np.random.default_rng(0)
HISS = RNG.normal(0, 0.1, RATE_HZ)


def clips_of(*recordings):
    samples = [np.asarray(r, np.int16) for r in recordings]
    lengths = np.array([len(each) for each in samples])
    return Clips(
        # As in a store whose clips are cut out of something longer.
        np.concatenate([np.full(7, 99, np.int16), *samples]),
        7 + np.cumsum(lengths) - lengths,
        lengths,
        {"a": np.zeros(len(samples), int)},
        [""] * len(samples),
        [0.0] * len(samples),
        [""] * len(samples),
    )


CLIPS = clips_of(
    20_000 * tone(440.0, 0.5), 3000 * tone(3000.0, 1.0), RNG.integers(-9, 9, 99)
)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_keeps_lengths_and_repeats(name):
    changed, again = (
        sound_changes.apply(name, CLIPS, RATE_HZ) for _ in range(2)
    )
    assert changed.samples.dtype == np.int16
    np.testing.assert_array_equal(changed.lengths, CLIPS.lengths)
    for index in range(len(CLIPS)):
        assert len(changed[index]) == CLIPS.lengths[index]
        np.testing.assert_array_equal(changed[index], again[index])
        is_same = np.array_equal(changed[index], CLIPS[index])
        assert is_same == (name == sound_changes.UNCHANGED)


@pytest.mark.parametrize("name", CHANGES)
def test_silence_stays_silence(name):
    silent = clips_of(np.zeros(8000))
    assert not sound_changes.apply(name, silent, RATE_HZ).samples.any()


@pytest.mark.parametrize("snr_db", sound_changes.SNRS_DB)
def test_noise_has_its_ratio_and_is_white(snr_db):
    quiet = 0.01 * tone(440.0, 2.0)
    noise = sound_changes.add_noise(quiet, RATE_HZ, RNG, snr_db) - quiet
    ratio = 10 * np.log10(np.mean(quiet**2) / np.mean(noise**2))
    assert ratio == pytest.approx(snr_db, abs=1e-4)
    power = np.abs(np.fft.rfft(noise)) ** 2
    low, high = np.array_split(power, 2)
    assert low.mean() == pytest.approx(high.mean(), rel=0.1)


def test_loud_sound_with_noise_is_not_clipped():
    noisy = sound_changes.add_noise(tone(440.0), RATE_HZ, RNG, 0.0)
    assert np.sum(np.abs(noisy) >= 1) == 1


def test_a_lower_rate_leaves_nothing_above_half_of_it():
    after = sound_changes.through_rate(HISS, RATE_HZ, RNG, 8000)
    kept = np.abs(np.fft.rfft(after)) / np.abs(np.fft.rfft(HISS))
    assert np.median(kept[4200:]) < 0.01
    assert np.median(kept[:3500]) == pytest.approx(1, abs=0.01)


def test_a_tenth_of_what_sounds_is_clipped():
    padded = np.pad(0.3 * HISS, (0, RATE_HZ))
    after = sound_changes.clip(padded, RATE_HZ, RNG, 0.1)
    assert np.sum(np.abs(after) == 1) == pytest.approx(0.1 * RATE_HZ, abs=2)
    inside = (np.abs(after) < 1) & (after != 0)
    gains = after[inside] / padded[inside]
    assert gains.min() == pytest.approx(gains.max())


def test_a_room_decays_by_60_db_and_has_its_ratio():
    click = np.zeros(RATE_HZ)
    click[0] = 1
    after = sound_changes.reverberate(click, RATE_HZ, RNG, 0.5, 0.0)
    direct, tail = after[0] ** 2, after[1:] ** 2
    assert np.sum(tail) == pytest.approx(direct)
    assert np.sum(after**2) == pytest.approx(1)  # as loud as before
    early, late = (tail[n : n + 400].mean() for n in (800, 800 + 4000))
    # Half of the 0.5 s are 4,000 samples.
    assert 10 * np.log10(early / late) == pytest.approx(30, abs=1.5)


def test_an_mp3_has_its_bit_rate_and_is_not_delayed():
    loud = np.tile(tone(440.0, 0.5) * np.hanning(RATE_HZ // 2), 10)
    content = sound_changes.mp3_file(loud, RATE_HZ, 32)
    info = soundfile.info(io.BytesIO(content))
    assert (info.samplerate, info.channels) == (RATE_HZ, 1)
    assert 8 * len(content) / 5 == pytest.approx(32_000, rel=0.03)
    after = sound_changes.through_mp3(loud, RATE_HZ, RNG, 32)
    lags = range(-5, 6)
    match = [np.sum(loud[9:-9] * np.roll(after, n)[9:-9]) for n in lags]
    assert lags[int(np.argmax(match))] == 0
    assert np.std(after - loud) < 0.1 * np.std(loud)


def test_an_mp3_of_another_kind_is_refused():
    with pytest.raises(UserError, match="mp3 at 44100 Hz is not measured"):
        sound_changes.mp3_file(HISS, 44_100, 32)


def test_quieter_is_quieter():
    after = sound_changes.make_quieter(HISS, RATE_HZ, RNG, 20.0)
    np.testing.assert_allclose(10 * after, HISS)
