"""Two windows as one: their sounds, their labels, and who mixes with whom."""

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.datasets.augmentation.changes import Augmentation
from audio_diffstride.datasets.augmentation.mixing import Mixing, mix_labels
from audio_diffstride.datasets.clips import Clips
from audio_diffstride.datasets.kinds import NO_LABEL
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.training import batches
from tests.support.synthetic import tiny_config, write_store

LEAST_CHANCE = 1e-3
TIME = np.arange(400) / 400
RNG = np.random.default_rng(0)


def sine(peak, periods):
    """Whole periods: sines of other periods are orthogonal to it."""
    wave = peak * np.sin(2 * np.pi * periods * TIME)
    return np.rint(wave).astype(np.int16)


def test_every_window_is_once_first_and_once_second_and_never_both():
    for step in range(50):
        partners, _ = Mixing(1.0).draw(3, step, 16)
        assert sorted(partners) == list(range(16))
        assert (partners != np.arange(16)).all()


def test_every_other_window_is_equally_likely_as_a_partner():
    seconds = [Mixing(1.0).draw(3, step, 5)[0][2] for step in range(1000)]
    counts = np.bincount(seconds, minlength=5)
    assert counts[2] == 0
    assert scipy.stats.chisquare(np.delete(counts, 2)).pvalue > LEAST_CHANCE


@pytest.mark.parametrize("alpha", [0.2, 1.0, 8.0])
def test_the_shares_have_the_beta_distribution(alpha):
    shares = [Mixing(alpha).draw(1, step, 8)[1] for step in range(100)]
    test = scipy.stats.kstest(np.ravel(shares), "beta", (alpha, alpha))
    assert test.pvalue > LEAST_CHANCE
    assert scipy.stats.kstest(shares[3], shares[4]).pvalue > LEAST_CHANCE


def test_the_smallest_alpha_mixes_nothing():
    _, shares = Mixing(5e-324).draw(1, 0, 64)
    assert set(shares) <= {0.0, 1.0}


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_mixup_is_linear_in_the_samples(share):
    first, second = RNG.integers(-32768, 32768, (2, 1000)).astype(np.int16)
    mixture = Mixing(1.0).mix(first, second, share)
    exact = share * first.astype(float) + (1 - share) * second.astype(float)
    assert mixture.dtype == np.int16
    assert np.abs(mixture - exact).max() <= 0.51


def test_loudness_is_the_equation_of_the_paper_by_hand():
    # 20 dB apart, half and half: p = 1 / (1 + 10) = 1 / 11. The root is
    # sqrt(1 + 100) / 11, so that 1 / sqrt(101) and 10 / sqrt(101) remain.
    first, second = sine(10000, 5), sine(1000, 11)
    mixture = Mixing(1.0, "loudness").mix(first, second, 0.5)
    exact = (first + 10.0 * second) / np.sqrt(101)
    assert np.abs(mixture - exact).max() < 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("peak", [30, 3000, 15000])
def test_with_loudness_the_share_is_that_which_is_heard(share, peak):
    first, second = sine(9000, 5).astype(float), sine(peak, 11).astype(float)
    mixture = Mixing(1.0, "loudness").mix(
        first.astype(np.int16), second.astype(np.int16), share
    )
    heard = [mixture @ wave / np.linalg.norm(wave) for wave in (first, second)]
    assert heard[0] / sum(heard) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("kind", ["mixup", "loudness"])
def test_digital_silence_takes_nothing_but_its_share(kind):
    wave, silence = sine(10000, 5), np.zeros(400, np.int16)
    scale = {"mixup": 1, "loudness": np.hypot(0.25, 0.75)}[kind]
    for pair, share in (((wave, silence), 0.25), ((silence, wave), 0.75)):
        mixture = Mixing(1.0, kind).mix(*pair, share)
        np.testing.assert_allclose(mixture, wave * 0.25 / scale, atol=1)
    assert not Mixing(1.0, kind).mix(silence, silence, 0.5).any()


def test_a_mixture_beyond_full_scale_is_cut_off():
    loud = np.full(400, 32767, np.int16)
    mixture = Mixing(1.0, "loudness").mix(loud, loud, 0.5)
    assert (mixture == 32767).all()


def test_labels_mix_by_their_shares():
    labels, weights = mix_labels(
        (np.array([0, 2]), np.array([1, 2])),
        (np.ones(2), np.ones(2)),
        np.array([0.3, 0.6]),
        3,
    )
    np.testing.assert_allclose(labels, [[0.3, 0.7, 0], [0, 0, 1]], atol=1e-7)
    assert weights.tolist() == [1, 1]
    assert labels.dtype == weights.dtype == np.float32


def test_a_missing_label_leaves_its_part_of_the_cross_entropy_out():
    log_p = np.log([[0.2, 0.5, 0.3]])
    for has_label, expected in (
        ((1, 1), -0.3 * log_p[0, 0] - 0.7 * log_p[0, 1]),
        ((1, 0), -0.3 * log_p[0, 0]),
        ((0, 1), -0.7 * log_p[0, 1]),
        ((0, 0), 0.0),
    ):
        labels, weights = mix_labels(
            (np.array([0]), np.array([1])),
            tuple(np.array([float(one)]) for one in has_label),
            np.array([0.3]),
            3,
        )
        assert weights[0] * -(labels * log_p).sum() == pytest.approx(expected)


def windows(**kwargs):
    lengths = np.array([300, 80, 200, 500, 150])
    labels = {
        "a": np.arange(5, dtype=np.int32),
        "b": np.array([0, 1, NO_LABEL, 1, NO_LABEL], np.int32),
    }
    clips = Clips(
        samples=np.random.default_rng(0)
        .normal(0, 3000, lengths.sum())
        .astype("int16"),
        offsets=np.cumsum(lengths) - lengths,
        lengths=lengths,
        labels=labels,
        files=[""] * 5,
        starts_s=[0.0] * 5,
        groups=[""] * 5,
    )
    arguments = {"augmentation": Augmentation(mixing=Mixing(1.0)), **kwargs}
    classes = {"a": 5, "b": 2}
    return TrainingWindows(
        clips, 200, 4, 30, 1, num_classes=classes, **arguments
    )


def test_a_mixed_batch_is_that_of_its_plain_windows():
    plain = windows(augmentation=Augmentation())
    for step in range(10):
        inputs, labels, weights = windows()[step]
        partners, shares = Mixing(1.0).draw(1, step, 4)
        sounds, indices, has_label = plain[step]
        for row, (other, share) in enumerate(zip(partners, shares)):
            exact = share * sounds[row].astype(float)
            exact += (1 - share) * sounds[other].astype(float)
            assert np.abs(inputs[row] - exact).max() < 0.51
            label = np.zeros(5)
            label[indices["a"][row]] += share
            label[indices["a"][other]] += 1 - share
            np.testing.assert_allclose(labels["a"][row], label, atol=1e-6)
            weight = share * has_label["b"][row]
            weight += (1 - share) * has_label["b"][other]
            assert weights["b"][row] == pytest.approx(weight)
            total = labels["b"][row].sum()
            assert total == pytest.approx(float(weight > 0))


def test_a_mixed_batch_is_a_function_of_seed_and_step_alone():
    forward = [windows()[step] for step in range(10)]
    backward = windows()
    for step in reversed(range(10)):
        for one, other in zip(backward[step][1:], forward[step][1:]):
            for task in ("a", "b"):
                np.testing.assert_array_equal(one[task], other[task])
        np.testing.assert_array_equal(backward[step][0], forward[step][0])
    part = windows(rows=slice(1, 3))[5]
    np.testing.assert_array_equal(part[0], forward[5][0][1:3])
    np.testing.assert_array_equal(part[1]["b"], forward[5][1]["b"][1:3])
    resumed = windows(first_step=6)
    np.testing.assert_array_equal(resumed[3][0], forward[9][0])


def test_data_sets_mix_among_themselves(tmp_path):
    stores = [
        write_store(tmp_path / "a", {"a": ["x", "y"]}),
        write_store(tmp_path / "b", {"b": ["1", "2", "3"]}),
    ]
    config = tiny_config()
    config.augmentation.mixup = 1.0
    _, labels, weights = batches.training_examples(config, stores)[0]
    assert labels["a"].shape == (4, 2) and labels["b"].shape == (4, 3)
    assert weights["a"].tolist() == [1, 1, 0, 0]
    assert weights["b"].tolist() == [0, 0, 1, 1]
    assert not labels["a"][2:].any() and not labels["b"][:2].any()


def test_alone_in_a_batch_a_window_stays_as_it_is(tmp_path):
    config = tiny_config()
    config.training.batch_size = 1
    store = write_store(tmp_path / "store")
    plain = batches.training_examples(config, [store])[0][0]
    config.augmentation.update(mixup=1.0, mixing="loudness")
    mixed = batches.training_examples(config, [store])[0]
    np.testing.assert_array_equal(mixed[0], plain)
    assert mixed[1]["a"].max() == 1


def test_several_labels_mix_class_by_class():
    labels = np.array([[1, 0, 1, 0]]), np.array([[1, 1, 0, 0]])
    known = np.array([[1, 1, 0, 0]], "f4"), np.array([[1, 0, 1, 0]], "f4")
    mixed, weights = mix_labels(labels, known, np.array([0.75]), 4)
    np.testing.assert_allclose(mixed, [[1, 0, 0, 0]])
    np.testing.assert_allclose(weights, [[1, 0.75, 0.25, 0]])
    all_known = np.ones((1, 4), "f4")
    mixed, weights = mix_labels(labels, (all_known,) * 2, np.array([0.75]), 4)
    np.testing.assert_allclose(mixed, [[1, 0.25, 0.75, 0]])
    assert (weights == 1).all()
