"""Resamples, and intervals of shares whose parts are counted."""

import numpy as np
import pytest
from scipy import stats

from audio_diffstride.evaluation import bootstrap


def test_there_are_as_many_resamples_as_asked_for():
    drawn = [*bootstrap.resamples(7, num_resamples=250)]
    assert sum(map(len, drawn)) == 250
    assert max(map(len, drawn)) <= 100  # so many lie in memory at once


def test_recordings_are_drawn_as_often_as_there_are_any():
    drawn = np.concatenate([*bootstrap.resamples(5)])
    assert drawn.shape == (1000, 5)
    assert (drawn.sum(axis=1) == 5).all() and (drawn >= 0).all()
    # Each is drawn once on average, and left out in (4/5)^5 of the resamples.
    np.testing.assert_allclose(drawn.mean(axis=0), 1, atol=0.1)
    np.testing.assert_allclose((drawn == 0).mean(), 0.8**5, atol=0.03)


def test_a_group_is_drawn_as_a_whole():
    groups = ["ann", "bob", "ann", "", "bob", ""]
    drawn = np.concatenate([*bootstrap.resamples(6, groups)])
    assert (drawn[:, 0] == drawn[:, 2]).all()
    assert (drawn[:, 1] == drawn[:, 4]).all()
    assert (drawn[:, 3] != drawn[:, 5]).any()  # no group: drawn alone
    units = drawn[:, [0, 1, 3, 5]]
    assert (units.sum(axis=1) == 4).all()


def test_one_group_is_none():
    drawn = np.concatenate([*bootstrap.resamples(3, ["ann", "ann", "ann"])])
    assert (drawn[:, 0] != drawn[:, 1]).any()
    assert (drawn.sum(axis=1) == 3).all()


def test_a_resample_without_a_class_leaves_it_out_of_the_mean():
    """Not as a recall of 0: with one recording it is often left out."""
    labels = np.array([0] * 9 + [1])
    correct = np.array([True] * 8 + [False, True])
    found, _ = bootstrap.intervals(labels, correct)
    low, high = found["balanced_accuracy"]
    assert low > 0.5 and high == 1


def shares(seed, units=60):
    rng = np.random.default_rng(seed)
    totals = rng.integers(0, 4, (units, 2))
    return rng.binomial(totals, [0.7, 0.3]), totals


def test_shares_vary_as_when_units_are_drawn_one_by_one():
    parts, totals = shares(0)
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, len(parts), (4000, len(parts)))
    ratios = parts[drawn].sum(axis=1) / totals[drawn].sum(axis=1)
    expected = np.quantile(ratios, [0.025, 0.975], axis=0).T
    found = bootstrap.share_intervals(parts, totals)
    np.testing.assert_allclose(found, expected, atol=0.02)


@pytest.mark.parametrize("share", [0, 1])
def test_without_an_error_a_share_has_the_exact_interval(share):
    """Of as many trials as there are units that have any."""
    totals = np.array([[3], [0], [1], [2], [5]])
    (found,) = bootstrap.share_intervals(share * totals, totals)
    expected = stats.binomtest(4 * share, 4).proportion_ci(0.95, "exact")
    np.testing.assert_allclose(found, [expected.low, expected.high])


def test_where_nothing_is_counted_there_is_no_interval():
    parts, totals = shares(3)
    totals[:, 1] = parts[:, 1] = 0
    known, none = bootstrap.share_intervals(parts, totals)
    assert none is None and known is not None


def test_resamples_in_which_nothing_is_counted_are_left_out():
    """One unit in three has any: many resamples have none."""
    parts = np.array([[1], [0], [0]])
    totals = np.array([[2], [0], [0]])
    (found,) = bootstrap.share_intervals(parts, totals)
    assert found == [0.5, 0.5]


def test_the_middle_leaves_a_fortieth_out_at_each_end():
    values = np.random.default_rng(0).permutation(np.arange(1001))
    assert bootstrap.middle(values) == pytest.approx([25, 975])


def test_later_versions_draw_the_same_resamples():
    """So that intervals of different versions are comparable."""
    expected = np.random.default_rng(0).multinomial(5, [1 / 5] * 5, 1000)
    drawn = np.concatenate([*bootstrap.resamples(5)])
    np.testing.assert_array_equal(drawn, expected)


def test_of_two_groups_the_interval_reaches_from_one_to_the_other():
    """A quarter of the resamples holds one of them alone."""
    correct = np.array([True, True, True, False])
    groups = ["good", "good", "bad", "bad"]
    found, _ = bootstrap.intervals(np.zeros(4, int), correct, groups)
    assert found["accuracy"] == [0.5, 1.0]


def test_a_share_is_0_in_the_resamples_without_any_part():
    """8 of 27 resamples leave out the only unit with a part."""
    parts = np.array([[1, 1], [1, 0], [0, 0]])
    _, (low, high) = bootstrap.share_intervals(parts, np.ones((3, 2), int))
    assert (low, high) == (0, 1)


def test_resamples_that_count_one_thing_are_not_left_out():
    """Each unit is drawn once on average, nearly as by Poisson's law.

    The right one alone is drawn in e^-3 (1 - e^-1) = 3 % of the resamples: so
    2.5 % of all shares are 1. Drawn twice or more it is in only 1.3 %.
    """
    totals = np.zeros((100, 1), int)
    totals[:4] = 1
    parts = np.zeros_like(totals)
    parts[0] = 1
    ((low, high),) = bootstrap.share_intervals(parts, totals)
    assert (low, high) == (0, 1)
