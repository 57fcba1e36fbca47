"""Rare classes more often: how often, and what a batch depends on."""

import numpy as np
import pytest

from audio_diffstride.datasets.balance import Balance
from audio_diffstride.datasets.kinds import NO_LABEL
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.training import batches
from tests.datasets.windows_test import make_clips
from tests.support.synthetic import (
    tiny_config,
    tiny_images_config,
    write_image_store,
    write_store,
)

COUNTS = np.array([40, 13, 5, 1])  # of a class
LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(4), COUNTS))


def drawn(amount, passes, labels=LABELS):
    """How often each example is drawn in each pass."""
    balance = Balance(labels, amount)
    rng = np.random.default_rng(1)
    return np.array(
        [
            np.bincount(balance.draw_pass(rng), minlength=len(labels))
            for _ in range(passes)
        ]
    )


def expected(amount, labels=LABELS):
    """The mean draws of each example in a pass, from the formula."""
    counts = np.bincount(labels)[labels]
    return 1 - amount + amount * len(labels) / len(set(labels)) / counts


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_an_example_and_a_class_have_their_share_rounded(amount):
    per_pass = drawn(amount, 300)
    assert (per_pass.sum(axis=1) == len(LABELS)).all()
    wanted = expected(amount)
    assert (np.abs(per_pass - wanted) < 1 + 1e-9).all()
    np.testing.assert_allclose(per_pass.mean(axis=0), wanted, atol=0.15)
    for label in range(4):
        of_class = per_pass[:, label == LABELS].sum(axis=1)
        share = wanted[label == LABELS].sum()
        assert (np.abs(of_class - share) < 1 + 1e-9).all()
        assert of_class.mean() == pytest.approx(share, abs=0.1)


def test_balanced_classes_are_equally_often_in_the_end():
    per_pass = drawn(1.0, 200)
    of_classes = [per_pass[:, label == LABELS].sum() for label in range(4)]
    np.testing.assert_allclose(of_classes, per_pass.sum() / 4, rtol=0.01)


def test_without_an_amount_a_pass_takes_every_example_once():
    assert (drawn(0.0, 20) == 1).all()


def test_examples_without_a_label_keep_their_share():
    labels = np.array([0, 0, 0, 1, NO_LABEL, NO_LABEL])
    np.testing.assert_allclose(
        Balance(labels, 1.0).shares() * 6, [2 / 3] * 3 + [2, 1, 1]
    )
    unlabelled = np.full(5, NO_LABEL)
    np.testing.assert_allclose(Balance(unlabelled, 1.0).shares(), 0.2)
    assert (drawn(1.0, 3, unlabelled) == 1).all()


@pytest.mark.parametrize("amount", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("share", [0.1, 0.75])
def test_background_has_its_share_and_others_keep_their_proportions(
    amount, share
):
    marks = np.eye(3, dtype=int)[np.array([0, 0, 0, 1, 2])]
    marks = np.concatenate([marks, np.zeros((4, 3), int), np.full((2, 3), -1)])
    for labels, background in (
        (np.array([0, 0, 1, 2, 2, 2, NO_LABEL]), 2),
        (marks, None),
    ):
        plain = Balance(labels, amount)
        balance = Balance(labels, amount, share, background)
        shares, chosen = balance.shares(), balance.are_background
        assert chosen.sum() == (3 if background else 4)
        assert shares.sum() == pytest.approx(1)
        assert shares[chosen].sum() == pytest.approx(share)
        ratios = shares[~chosen] / plain.shares()[~chosen]
        np.testing.assert_allclose(ratios, ratios[0])


def windows(amount=1.0, **kwargs):
    clips = make_clips([20, 5, 10, 31, 8], {"a": np.array([0, 0, 0, 0, 1])})
    balance = Balance(clips.labels["a"], amount)
    return TrainingWindows(clips, 10, 4, 30, 1, balance=balance, **kwargs)


def test_a_balanced_batch_is_a_function_of_seed_and_step_alone():
    forward = [windows()[step][0] for step in range(30)]
    backward = windows()
    for step in reversed(range(30)):
        np.testing.assert_array_equal(backward[step][0], forward[step])
    resumed = windows(first_step=17)
    np.testing.assert_array_equal(resumed[3][0], forward[20])
    part = windows(rows=slice(1, 3))
    np.testing.assert_array_equal(part[5][0], forward[5][1:3])


def labels_of(config, stores):
    examples = batches.training_examples(config, stores)
    drawn = [examples[step][1] for step in range(60)]
    return {
        task: np.bincount(np.concatenate([labels[task] for labels in drawn]))
        for task in drawn[0]
    }


def test_the_first_task_of_each_data_set_is_balanced(tmp_path):
    # 8 clips have the classes of b 3, 3 and 2 times.
    store = write_store(tmp_path / "store")
    config = tiny_config()
    config.training.num_steps = 60
    plain = labels_of(config, [store])
    assert plain["a"].tolist() == [120, 120]
    assert plain["b"].tolist() == [90, 90, 60]
    config.data.balance = 1.0
    assert labels_of(config, [store])["a"].tolist() == [120, 120]
    config.data.tasks = "b,a"
    np.testing.assert_allclose(labels_of(config, [store])["b"], 80, atol=9)


def test_images_are_balanced_too(tmp_path):
    store = write_image_store(tmp_path / "images", num_images=7)
    config = tiny_images_config()
    config.training.num_steps = 60
    # Of 7 images 4 are bright: 240 places are 34 passes and a rest.
    assert labels_of(config, [store])["level"][0] in (137, 138)
    config.data.balance = 1.0
    assert labels_of(config, [store])["level"][0] == pytest.approx(120, abs=9)


def test_with_several_labels_every_class_and_none_have_equal_shares():
    rng = np.random.default_rng(0)
    labels = (rng.random((200, 3)) < (0.5, 0.1, 0.02)).astype(np.int32)
    labels[:5] = NO_LABEL
    labels[5:9, 0] = NO_LABEL  # these count by what is known
    balance = Balance(labels, 1.0)
    present = labels == 1
    none = ~present.any(axis=1) & (labels != NO_LABEL).any(axis=1)
    members = np.column_stack([present, none])
    expected = (members / members.sum(axis=0)).sum(axis=1)
    expected *= (195 / 200) / 4
    expected[:5] = 1 / 200
    np.testing.assert_allclose(balance.shares(), expected)
    per_pass = drawn(1.0, 300, labels)
    assert (per_pass.sum(axis=1) == 200).all()
    np.testing.assert_allclose(per_pass.mean(axis=0), 200 * expected, atol=0.2)
    assert (drawn(0.0, 3, labels) == 1).all()


class LastPlaces:
    """A generator that draws the highest number below 1, and permutes."""

    def random(self):
        return np.nextafter(1.0, 0.0)

    permutation = np.random.default_rng(0).permutation


@pytest.mark.parametrize("num", [7, 59, 1000])
def test_rounding_draws_nothing_beyond_the_last_example(num):
    """The last place rounds to n, the end of the line or just past it."""
    labels = np.arange(num) % 3
    found = Balance(labels, 0.3).draw_pass(LastPlaces())
    assert len(found) == num and found.max() < num
