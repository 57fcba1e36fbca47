"""The separation of classes by a trait."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from audio_diffstride.shortcuts import separation

LABELS = np.repeat(np.arange(5), 40)
FOLDS = separation.make_folds(LABELS, [str(i) for i in range(200)])


def draw(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(len(LABELS))


def test_folds_keep_groups_together_and_cover_everything():
    groups = [str(i % 7) for i in range(200)]
    folds = separation.make_folds(LABELS, groups)
    names = np.array(groups)
    for train, test in folds:
        assert not {*names[train]} & {*names[test]}
    covered = np.sort(np.concatenate([test for _, test in folds]))
    np.testing.assert_array_equal(covered, np.arange(200))


def test_one_group_makes_no_folds():
    assert separation.make_folds(LABELS, ["a"] * 200) == []


def test_a_class_that_differs_is_set_apart():
    found = separation.separate(draw() + 20 * (LABELS == 3), LABELS, FOLDS)
    assert found == separation.Separation(1.0, (3,))


def test_the_smaller_side_is_named():
    found = separation.separate(draw() + 20 * (LABELS > 1), LABELS, FOLDS)
    assert found == separation.Separation(1.0, (0, 1))


@pytest.mark.parametrize("seed", range(5))
def test_noise_sets_no_class_apart(seed):
    """The cut is judged on recordings that did not choose it."""
    found = separation.separate(draw(seed), LABELS, FOLDS)
    assert abs(found.share - 0.5) < 0.15


def test_the_share_is_the_balanced_accuracy_of_the_two_sides():
    """With two classes, and one cut for all folds."""
    labels = np.repeat([0, 1], [30, 90])
    values = np.where(labels == 1, 1.0, 0.0)
    flipped = np.random.default_rng(1).choice(120, 12, replace=False)
    values[flipped] = 1 - values[flipped]
    folds = [(np.arange(120), np.arange(120))]
    found = separation.separate(values, labels, folds)
    expected = balanced_accuracy_score(labels, values > 0.5)
    assert found.share == pytest.approx(expected)


def test_names_are_compared_one_by_one():
    """A codec in the middle of the alphabet is still one codec."""
    codes = np.where(LABELS == 2, 1.0, np.where(draw() > 0, 0.0, 2.0))
    found = separation.separate(codes, LABELS, FOLDS, ordered=False)
    assert found == separation.Separation(1.0, (2,))


def test_a_trait_that_is_equal_in_all_tells_nothing():
    found = separation.separate(np.zeros(200), LABELS, FOLDS)
    assert found == separation.Separation(0.5, ())


def test_a_quiet_group_does_not_hide_a_louder_class():
    groups = [str(i % 4) for i in range(200)]
    folds = separation.make_folds(LABELS, groups)
    of_group = 40.0 * (np.arange(200) % 4)
    values = of_group + 10 * (LABELS == 1) + draw()
    assert separation.separate(values, LABELS, folds).share < 0.9
    relative = separation.relative_to_group(values, LABELS, groups)
    assert separation.separate(relative, LABELS, folds).classes == (1,)
    assert separation.separate(relative, LABELS, folds).share > 0.95


def test_groups_of_one_class_have_no_relative_values():
    groups = [str(label) for label in LABELS]
    assert separation.relative_to_group(draw(), LABELS, groups) is None


def test_the_tree_tells_what_is_there_and_nothing_else():
    columns = np.stack([draw(), LABELS + 0.1 * draw(1)], axis=1)
    assert separation.tell_classes(columns, LABELS, FOLDS) > 0.95
    assert separation.tell_classes(columns[:, :1], LABELS, FOLDS) < 0.35
