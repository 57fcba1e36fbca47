"""Random gain and noise: their levels, and what they depend on."""

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.gain_and_noise import GainAndNoise
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.training import batches
from tests.support.synthetic import tiny_config, write_store

FULL_SCALE = 32768
LEAST_CHANCE = 1e-3  # of a sample from the right distribution


def changed(window, count, step=0, **fields):
    """Copies of a window, each changed by numbers of its own, as float64."""
    windows = np.tile(np.asarray(window, np.int16), (count, 1))
    GainAndNoise(**fields).apply(windows, seed=1, step=step, rows=range(count))
    return windows.astype(np.float64)


def assert_uniform(values, low, high):
    assert low <= values.min() and values.max() <= high
    test = scipy.stats.kstest(values, "uniform", (low, high - low))
    assert test.pvalue > LEAST_CHANCE


def level_db(windows):
    return 20 * np.log10(np.sqrt(np.mean(windows**2, axis=1)) / FULL_SCALE)


def sine(peak, samples=400):
    """Five whole periods; with 400 samples two of them are the peaks."""
    return np.rint(peak * np.sin(2 * np.pi * 5 * np.arange(samples) / samples))


def test_a_gain_is_uniform_in_db_and_changes_the_level_only():
    window = sine(1000)
    windows = changed(window, 500, gain_db=12)
    gains = windows @ window / (window @ window)  # least squares
    assert_uniform(20 * np.log10(gains), -12.001, 12.001)
    assert np.abs(windows - gains[:, None] * window).max() < 1  # rounding


@pytest.mark.parametrize("peak", [32767, 32768, 20000])
def test_a_gain_lifts_no_peak_above_full_scale(peak):
    window = -sine(peak).clip(-32767, 32768)  # -32768 is a sample too
    headroom_db = 20 * np.log10(32767 / peak)
    windows = changed(window, 500, gain_db=20)
    gains = windows @ window / (window @ window)
    assert_uniform(20 * np.log10(gains), -20.01, headroom_db + 0.01)
    assert np.abs(windows - gains[:, None] * window).max() < 1
    assert (windows * window >= 0).all()


def test_silence_has_no_gain():
    assert not changed(np.zeros(10), 20, gain_db=40).any()


def test_the_level_of_noise_is_uniform_in_db():
    windows = changed(np.zeros(4000), 400, noise_db=(-70, -20))
    # The level of 4,000 samples is known to 0.1 dB.
    assert_uniform(level_db(windows), -70.5, -19.5)


@pytest.mark.parametrize("level", [-80, -45, -10])
def test_noise_has_the_level_that_is_asked_for(level):
    windows = changed(np.zeros(4000), 40, noise_db=(level, level))
    # Rounding adds a twelfth of a step squared; clipping takes at -10 dB.
    np.testing.assert_allclose(level_db(windows).mean(), level, atol=0.1)


def test_noise_is_white_gaussian_and_new_in_every_window_and_step():
    windows = np.concatenate(
        [
            changed(np.zeros(2000), 50, step, noise_db=(-40, -40))
            for step in range(4)
        ]
    )
    windows /= 0.01 * FULL_SCALE
    assert scipy.stats.kstest(windows.ravel(), "norm").pvalue > LEAST_CHANCE
    power = np.mean(np.abs(np.fft.rfft(windows)[:, 1:-1]) ** 2, axis=0) / 2000
    bands = [band.mean() for band in np.array_split(power, 10)]
    np.testing.assert_allclose(bands, 1, atol=0.05)
    alike = np.corrcoef(windows) - np.eye(len(windows))
    assert np.abs(alike).max() < 6 / np.sqrt(2000)


def test_noise_is_added_to_the_sound_and_to_the_zeros_around_it():
    window = np.pad(sine(8000), 600)
    added = changed(window, 40, noise_db=(-50, -50)) - window
    for part in (added[:, :600], added[:, 600:1000], added[:, 1000:]):
        np.testing.assert_allclose(level_db(part).mean(), -50, atol=0.3)


def test_the_gain_leaves_the_level_of_the_noise_alone():
    window = sine(1000)
    windows = changed(window, 100, gain_db=20, noise_db=(-50, -50))
    gains = windows @ window / (window @ window)
    assert gains.min() < 0.2 and gains.max() > 5
    rest = windows - gains[:, None] * window
    np.testing.assert_allclose(level_db(rest), -50, atol=1)


def test_samples_beyond_full_scale_are_cut_off_and_never_wrap():
    for value in (-32768, 32767):
        windows = changed(np.full(1000, value), 20, noise_db=(-20, -20))
        # Half of the noise points outwards, and no noise reaches zero.
        assert 0.4 < (windows == value).mean() < 0.6
        assert (windows * value > 0).all()


def clips():
    rng = np.random.default_rng(0)
    lengths = np.array([300, 80, 200, 500, 150])
    return Clips(
        samples=rng.normal(0, 3000, lengths.sum()).astype("int16"),
        offsets=np.cumsum(lengths) - lengths,
        lengths=lengths,
        labels={"a": np.arange(5, dtype=np.int32)},
        files=[""] * 5,
        starts_s=[0.0] * 5,
        groups=[""] * 5,
    )


BOTH, GAIN, NOISE = (
    Augmentation(gain_and_noise=GainAndNoise(*fields))
    for fields in ((6.0, (-60, -30)), (6.0,), (0.0, (-60, -30)))
)


def windows(augmentation=BOTH, seed=1, first_step=0, **kwargs):
    return TrainingWindows(
        *(clips(), 200, 4, 30, seed, first_step),
        augmentation=augmentation,
        **kwargs,
    )


@pytest.mark.parametrize("augmentation", [GAIN, NOISE, BOTH])
def test_a_batch_is_a_function_of_seed_and_step_alone(augmentation):
    forward = [windows(augmentation)[step][0] for step in range(30)]
    assert forward[0].dtype == np.int16
    backward = windows(augmentation)
    for step in reversed(range(30)):
        np.testing.assert_array_equal(backward[step][0], forward[step])
    resumed = windows(augmentation, first_step=17)
    np.testing.assert_array_equal(resumed[3][0], forward[20])
    part = windows(augmentation, rows=slice(1, 3))
    np.testing.assert_array_equal(part[5][0], forward[5][1:3])
    assert (windows(augmentation, seed=2)[0][0] != forward[0]).any()


def test_augmentation_moves_no_window_and_no_label():
    plain, quiet = windows(Augmentation()), windows(NOISE)
    for step in range(5):
        added = quiet[step][0].astype(float) - plain[step][0]
        assert level_db(added).max() < -29
        np.testing.assert_array_equal(quiet[step][1]["a"], plain[step][1]["a"])


def test_without_augmentation_a_batch_has_the_bits_of_earlier_versions():
    """The order and the places of windows, drawn here once more."""

    def drawn(purpose, index):
        philox = np.random.Philox(key=[1, purpose], counter=[0, 0, 0, index])
        return np.random.Generator(philox)

    source = clips()
    for step, (waveforms, labels, _) in enumerate(
        windows(Augmentation())[i] for i in range(5)
    ):
        examples = [divmod(4 * step + row, 5) for row in range(4)]
        chosen = [drawn(0, one).permutation(5)[at] for one, at in examples]
        assert labels["a"].tolist() == chosen
        places = drawn(1, step).random((4, 1))[:, 0]
        for waveform, clip, place in zip(waveforms, chosen, places):
            slack = len(source[clip]) - 200
            start = min(slack, 0) + int(place * (abs(slack) + 1))
            padded = np.pad(source[clip], 200)
            np.testing.assert_array_equal(
                waveform, padded[start + 200 : start + 400]
            )


def test_a_config_switches_each_on_for_training(tmp_path):
    store = write_store(tmp_path / "store")

    def first_batch(**fields):
        config = tiny_config()
        config.augmentation.update(fields)
        return batches.training_examples(config, [store])[0][0]

    plain = first_batch()
    kinds = [{"gain_db": 6.0}, {"noise_db": (-60, -30)}]
    for fields in (*kinds, kinds[0] | kinds[1]):
        expected = plain.copy()
        GainAndNoise(**fields).apply(expected, 0, 0, range(len(plain)))
        assert (expected != plain).any()
        np.testing.assert_array_equal(first_batch(**fields), expected)
