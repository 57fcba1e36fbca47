"""Intervals of accuracies."""

import numpy as np
import pytest
from scipy import stats

from audio_diffstride.evaluation import bootstrap, ranking


def make(num=200, seed=0, groups=0):
    """Three unbalanced classes, recognised unequally well, or by group."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, num, p=[0.7, 0.2, 0.1])
    group = rng.integers(0, groups, num) if groups else np.arange(num)
    easy = rng.uniform(0.2, 1, num)[group]
    correct = rng.random(num) < easy * np.array([1, 0.8, 0.5])[labels]
    return labels, correct, [f"g{number}" for number in group]


def draw_one_by_one(labels, correct, units, num_resamples=1000):
    """The definition: draw units with replacement, score what they hold."""
    rng = np.random.default_rng(1)
    members = [np.flatnonzero(units == name) for name in np.unique(units)]
    scores = []
    for _ in range(num_resamples):
        drawn = rng.integers(0, len(members), len(members))
        chosen = np.concatenate([members[unit] for unit in drawn])
        y, right = labels[chosen], correct[chosen]
        recalls = [right[y == name].mean() for name in np.unique(y)]
        scores.append((right.mean(), np.mean(recalls)))
    return np.quantile(scores, [0.025, 0.975], axis=0).T


@pytest.mark.parametrize("groups", [0, 25])
def test_as_when_units_are_drawn_one_by_one(groups):
    labels, correct, names = make(groups=groups)
    expected = draw_one_by_one(labels, correct, np.array(names))
    found, resampled = bootstrap.intervals(
        labels, correct, names if groups else ()
    )
    assert resampled == ("groups" if groups else "recordings")
    np.testing.assert_allclose(found["accuracy"], expected[0], atol=0.015)
    np.testing.assert_allclose(
        found["balanced_accuracy"], expected[1], atol=0.02
    )


@pytest.mark.parametrize("share", [0.5, 0.8, 0.99])
def test_many_recordings_have_the_binomial_interval(share):
    num = 10_000
    correct = np.arange(num) < share * num
    found, _ = bootstrap.intervals(np.zeros(num, int), correct)
    expected = stats.binom(num, share).ppf([0.025, 0.975]) / num
    std = np.sqrt(share * (1 - share) / num)
    # A quantile of 1,000 draws is itself uncertain by 0.09 std.
    np.testing.assert_allclose(found["accuracy"], expected, atol=0.4 * std)
    # One class: its recall is the accuracy.
    assert found["balanced_accuracy"] == found["accuracy"]


def test_alike_recordings_of_a_group_tell_as_much_as_one():
    group = np.repeat(np.arange(80), 25)
    correct = group % 4 > 0
    labels = np.zeros(len(group), int)
    names = [f"site {number}" for number in group]
    recordings, _ = bootstrap.intervals(labels, correct)
    groups, _ = bootstrap.intervals(labels, correct, names)
    ratio = np.ptp(groups["accuracy"]) / np.ptp(recordings["accuracy"])
    assert ratio == pytest.approx(np.sqrt(25), rel=0.15)


def test_groups_of_one_recording_are_recordings():
    labels, correct, _ = make(1000)
    recordings, _ = bootstrap.intervals(labels, correct)
    groups, resampled = bootstrap.intervals(
        labels, correct, [str(number) for number in range(1000)]
    )
    assert resampled == "groups"
    for name, edges in recordings.items():
        np.testing.assert_allclose(groups[name], edges, atol=0.01)


def test_a_recording_without_a_group_is_a_group_of_its_own():
    labels, correct, names = make(groups=20)
    some = ["" if index % 3 else name for index, name in enumerate(names)]
    named = [name or f"own {index}" for index, name in enumerate(some)]
    assert bootstrap.intervals(labels, correct, some) == bootstrap.intervals(
        labels, correct, named
    )


def test_with_one_group_recordings_are_drawn():
    labels, correct, _ = make()
    one = bootstrap.intervals(labels, correct, ["home"] * len(labels))
    assert one == bootstrap.intervals(labels, correct)
    assert one[1] == "recordings"


def test_the_same_scores_give_the_same_interval():
    for groups in ((), make(groups=20)[2]):
        first = bootstrap.intervals(*make(groups=20)[:2], groups)
        assert first == bootstrap.intervals(*make(groups=20)[:2], groups)


def test_an_interval_holds_the_accuracy():
    for seed in range(20):
        labels, correct, _ = make(seed=seed)
        low, high = bootstrap.intervals(labels, correct)[0]["accuracy"]
        assert 0 <= low < correct.mean() < high <= 1


@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize("groups", [(), ("a", "a", "b", "c", "", "")])
def test_without_an_error_the_interval_is_the_exact_one(is_right, groups):
    """100 % of six recordings is not 100 to 100 %."""
    found, _ = bootstrap.intervals([0, 1, 2, 0, 1, 2], [is_right] * 6, groups)
    num_units = 5 if groups else 6
    exact = stats.binomtest(is_right * num_units, num_units).proportion_ci()
    for interval in found.values():
        assert interval == pytest.approx([exact.low, exact.high])


@pytest.mark.parametrize("at_once", [1, 5000])
def test_how_many_are_drawn_at_once_does_not_matter(at_once, monkeypatch):
    labels, correct, groups = make(groups=20)
    several = np.stack([labels == 0, labels == 1], axis=1).astype(np.int8)
    score = np.random.default_rng(0).random(several.shape)

    def all_of_them():
        return (
            bootstrap.intervals(labels, correct),
            bootstrap.intervals(labels, correct, groups),
            np.concatenate([*bootstrap.resamples(200, groups, 150)]).tolist(),
        )

    def of_ranking():
        found = ranking.intervals(several, score, 0.5, groups, 150)
        return np.array([*found.pop("classes"), *found.values()])

    expected, of_several = all_of_them(), of_ranking()
    monkeypatch.setattr(bootstrap, "_MAX_NUMBERS", at_once)
    assert all_of_them() == expected
    np.testing.assert_allclose(of_ranking(), of_several, rtol=1e-12)
    sizes = [times.size for times in bootstrap.resamples(200, groups, 150)]
    assert max(sizes) == max(200, at_once)
    sizes = [times.size for times in bootstrap._draw(np.ones(200, int), 150)]
    assert max(sizes) == max(200, at_once)
